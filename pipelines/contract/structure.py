"""Does a file have the structure of ODCS 3.1.0? Its JSON Schema says, then the published Python model.

What the values mean to tieout is not judged here (see `odcs.py` and the modules it calls).

One keyword of the schema is read differently. `unevaluatedProperties` refuses `delimiter` and `encoding` on a local
server and `enum` on a property, which the contract format of tieout has, and which `datacontract lint` lets pass. So
that keyword is replaced by a plain check of key names, with those three added.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema
from jsonschema.validators import extend
from open_data_contract_standard.model import OpenDataContractStandard
from pydantic import ValidationError

from pipelines.contract.documents import Document, KeyPath, closest, listed, meant, shown

_OURS = {"Server": ("delimiter", "encoding"), "SchemaProperty": ("enum",)}
_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "a mapping of `key: value`",
    "string": "text",
}


def check_structure(document: Document) -> None:
    """Note every breach of the ODCS 3.1.0 JSON Schema and of the Python model of `open-data-contract-standard`."""
    for error in sorted(_validator().iter_errors(document.data), key=lambda one: one.validator == "required"):
        _note(error, document)
    try:
        OpenDataContractStandard.model_validate(document.data)
    except ValidationError as error:
        for item in error.errors():
            path = tuple(item["loc"])
            if not any(_same_branch(path, broken) for broken in document.broken):
                document.add(path, shown(item["input"]), item["msg"], "correct the value as ODCS 3.1.0 describes it")


@cache
def _validator() -> Any:
    strict = extend(jsonschema.Draft201909Validator, {"unevaluatedProperties": _unknown_keys})  # type: ignore[no-untyped-call]
    return strict(_schema())


@cache
def _schema() -> Any:
    return json.loads((files("open_data_contract_standard") / "schema.json").read_text(encoding="utf-8"))


def _same_branch(path: KeyPath, broken: KeyPath) -> bool:
    short = min(len(path), len(broken))
    return path[:short] == broken[:short]


def _unknown_keys(
    validator: Any, allowed: object, instance: object, schema: Mapping[str, Any]
) -> Iterator[jsonschema.ValidationError]:
    """Stands in for `unevaluatedProperties: false`: every key must be named somewhere in the schema of its node."""
    if allowed is not False or not isinstance(instance, Mapping):
        return
    known = set(_keys_of(schema, _schema()["$defs"]))
    for key in instance:
        if key not in known:
            yield jsonschema.ValidationError(key, path=[key], validator_value=sorted(known))


def _keys_of(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[str]:
    yield from schema.get("properties", {})
    if reference := schema.get("$ref"):
        target: Any = definitions
        for part in reference.removeprefix("#/$defs/").split("/"):
            target = target[part]
        yield from _keys_of(target, definitions)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            yield from _keys_of(part, definitions)
    if "then" in schema:
        yield from _keys_of(schema["then"], definitions)
    if "logicalTypeOptions" in schema.get("properties", {}):
        yield from _OURS["SchemaProperty"]
    if "environment" in schema.get("properties", {}):
        yield from _OURS["Server"]


def _note(error: jsonschema.ValidationError, document: Document) -> None:
    path: KeyPath = tuple(error.absolute_path)
    value: Any = error.validator_value
    instance: Any = error.instance
    schema: Any = error.schema
    if error.validator == "required":
        for key in _missing(error):
            allowed = f"`{key}`, which ODCS 3.1.0 requires here"
            document.add((*path, key), f"no `{key}`", allowed, f"add a line `{key}: …`")
    elif error.validator == "unevaluatedProperties":
        _note_unknown(document, path, value)
    elif error.validator == "additionalProperties":
        known = sorted(schema["properties"])
        for key in instance.keys() - set(known):
            _note_unknown(document, (*path, key), known)
    elif error.validator == "enum":
        hint = meant(str(instance), map(str, value), "take one of the list")
        document.add(path, shown(instance), listed(value), hint)
    elif error.validator == "type":
        _note_type(document, path, instance, value)
    elif error.validator == "oneOf" and "mustBe" in str(value) and isinstance(instance, Mapping):
        names = [branch["required"][0] for branch in value]
        found = listed(f"`{name}`" for name in names if name in instance)
        document.add(path, f"comparisons: {found}", f"exactly one of {listed(names)}", "keep one of them")
    else:
        document.add(path, shown(instance), error.message, "correct the value as ODCS 3.1.0 describes it")


def _missing(error: jsonschema.ValidationError) -> Iterable[str]:
    """jsonschema reports one error for each missing key; only its message tells which."""
    keys: Any = error.validator_value
    return [key for key in keys if error.message.startswith(repr(key))]


def _note_unknown(document: Document, path: KeyPath, known: Iterable[str]) -> None:
    known = list(known)
    key = str(path[-1])
    hint = meant(key, known, "remove it, or write what is yours under `customProperties`")
    if near := closest(key, known):  # a misspelt key is one fault: it is not missing, too
        document.broken.add((*path[:-1], near))
    document.add(path, f"the unknown key `{key}`", listed(known), hint)


def _note_type(document: Document, path: KeyPath, found: object, wanted: str | list[str]) -> None:
    kinds = [wanted] if isinstance(wanted, str) else wanted
    allowed = " or ".join(_TYPES.get(kind, kind) for kind in kinds)
    kind = {dict: "a mapping", list: "a list", type(None): "nothing"}.get(type(found), "")
    hint = "change it to " + allowed
    if "string" in kinds and isinstance(found, int | float):
        hint = f'put it in quotes: "{str(found).lower()}"'
    document.add(path, kind or f"{shown(found)} (not text)" * ("string" in kinds) or shown(found), allowed, hint)
