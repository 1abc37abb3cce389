"""Base of the pydantic models for our own YAML files, and how pydantic's errors become `Fault`s.

The models themselves are `terms_model.py` and `workspace_model.py`. They are frozen, strict (a number in quotes is no
number) and know every key, so that a typo is a fault.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from pipelines.contract.documents import Document, KeyPath, closest, listed, meant, shown

M = TypeVar("M", bound=BaseModel)


class Strict(BaseModel):
    """Frozen, no unknown key, no silent conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Refused(ValueError):
    """A value that a validator refuses: what is allowed, and what to do."""

    def __init__(self, allowed: str, hint: str) -> None:
        self.allowed, self.hint = allowed, hint
        super().__init__(allowed)


def _money(value: object) -> object:
    if isinstance(value, Decimal):
        return value
    try:
        amount = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or amount < 0:
        quoted = f'"{value}"' if isinstance(value, int | float) and not isinstance(value, bool) else '"4.50"'
        raise Refused("a decimal as text, 0 or more", f"put it in quotes: {quoted}; a float cannot hold money exactly")
    return amount


def _iso_date(value: object) -> object:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise Refused("a date as YYYY-MM-DD", "write it as 2026-10-01")


def _filled(value: tuple[object, ...]) -> tuple[object, ...]:
    if not value:
        raise Refused("at least one entry", "add one, or remove the key")
    return value


NotEmpty = AfterValidator(_filled)
"""For tuples; pydantic's own `min_length` would fault the list once more for each entry that is wrong."""
Money = Annotated[Decimal, BeforeValidator(_money)]
"""An amount or a rate, written as text."""
Day = Annotated[date, BeforeValidator(_iso_date)]
"""A date, written as YYYY-MM-DD."""
Percent = Annotated[float, Field(ge=0, le=100)]
Seconds = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]


def read_model(document: Document, model: type[M]) -> M | None:
    """The document's data as a model; None, with every fault noted, where it does not fit."""
    try:
        return model.model_validate_json(json.dumps(document.data), strict=True)
    except ValidationError as error:
        for item in sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden"):
            _note(document, model, item)
        return None


def _note(document: Document, model: type[BaseModel], error: ErrorDetails) -> None:
    path = _path_in(document.data, error)
    kind, context = error["type"], error.get("ctx", {})
    refused = context.get("error")
    if kind == "extra_forbidden":
        known = _keys_at(model, document.data, path[:-1])
        hint = meant(str(path[-1]), known, "remove it")
        if near := closest(str(path[-1]), known):  # a misspelt key is one fault: it is not missing, too
            document.broken.add((*path[:-1], near))
        document.add(path, f"the unknown key `{path[-1]}`", listed(known), hint)
    elif kind in ("missing", "union_tag_not_found"):
        key = path[-1] if kind == "missing" else str(context["discriminator"]).strip("'")
        at = path if kind == "missing" else (*path, key)
        allowed = _description(model, document.data, at) or f"`{key}`, which must be stated"
        document.add(at, f"no `{key}`", allowed, f"add a line `{key}: …`")
    elif isinstance(refused, Refused):
        document.add(path, shown(error["input"]), refused.allowed, refused.hint)
    elif kind in ("literal_error", "union_tag_invalid"):
        words = re.findall(r"'([^']*)'", str(context.get("expected", context.get("expected_tags"))))
        at = path if kind == "literal_error" else (*path, str(context["discriminator"]).strip("'"))
        found = error["input"] if kind == "literal_error" else context["tag"]
        document.add(at, shown(found), listed(words), meant(str(found), words, "take one of the list"))
    else:
        allowed = error["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
        description = _description(model, document.data, path)
        document.add(path, shown(error["input"]), allowed, f"{description or 'correct the value'}")


def _path_in(data: Any, error: ErrorDetails) -> KeyPath:
    """Pydantic's location without the names of union members, which are no keys of the file."""
    path: list[str | int] = []
    node = data
    for place, key in enumerate(error["loc"]):
        is_last = place == len(error["loc"]) - 1
        if isinstance(node, Mapping) and key in node:
            node = node[str(key)]
        elif isinstance(node, list) and isinstance(key, int) and key < len(node):
            node = node[key]
        elif not (is_last and error["type"] == "missing"):
            continue
        path.append(key)
    return tuple(path)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    else:
        for part in get_args(annotation):
            yield from _models_in(part)


def _models_at(model: type[BaseModel], data: Any, path: KeyPath) -> list[type[BaseModel]]:
    """The models that may stand at a path; of a settlement's forms, the one that `form` names."""
    models = [model]
    node: Any = data
    for key in path:
        node = node[key] if isinstance(node, dict) or (isinstance(node, list) and isinstance(key, int)) else None  # type: ignore[index]
        if isinstance(key, str):
            fields = [item for one in models for name, item in one.model_fields.items() if (item.alias or name) == key]
            inner = [found for item in fields for found in _models_in(item.annotation)]
            models = inner or ([] if fields else models)  # no field: a free mapping, such as the ids under `targets`
        form = node.get("form") if isinstance(node, Mapping) else None
        chosen = [
            one
            for one in models
            if "form" in one.model_fields and form in get_args(one.model_fields["form"].annotation)
        ]
        models = chosen or models
    return models


def _keys_at(model: type[BaseModel], data: Any, path: KeyPath) -> list[str]:
    models = _models_at(model, data, path)
    return list(dict.fromkeys(item.alias or name for one in models for name, item in one.model_fields.items()))


def _description(model: type[BaseModel], data: Any, path: KeyPath) -> str | None:
    models = _models_at(model, data, path[:-1]) if path else []
    named = [item for one in models for name, item in one.model_fields.items() if (item.alias or name) == path[-1]]
    return next((item.description for item in named if item.description), None)
