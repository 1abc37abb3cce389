"""Reads one YAML file into plain data that still knows its lines, and collects the faults found in it.

Only scalars, lists and mappings come out. Two rules differ from PyYAML's defaults, because contract files map raw
values such as `NO`, `010` or `2026-10-01`: keys are always text as written, and only `true` and `false` are booleans,
only plain decimal numbers are numbers, and dates stay text. What the data means is the business of the other modules.
"""

import difflib
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import Fault, TieoutError, fault

Key = str | int
KeyPath = tuple[Key, ...]
"""Where a value stands in a file: `("schema", 0, "properties", 3, "name")`."""


class _Loader(yaml.SafeLoader):
    """PyYAML's scanner and parser with the plain scalars of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's own attribute)


_PLAIN = {
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": (r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    "float": (r"[-+]?(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
}
for _name, (_pattern, _first) in _PLAIN.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(rf"^(?:{_pattern})$"), _first)

_TAGS = {f"tag:yaml.org,2002:{name}" for name in (*_PLAIN, "str")}


def path_text(path: KeyPath) -> str:
    """`schema[0].properties[3].name`; the top of the file is `(top)`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.removeprefix(".") or "(top)"


def closest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that `word` was probably meant to be, or None."""
    by_fold = {item.casefold(): item for item in words}
    near = difflib.get_close_matches(str(word).casefold(), by_fold, n=1, cutoff=0.75)
    return by_fold[near[0]] if near else None


def meant(word: str, words: Iterable[str], otherwise: str) -> str:
    """A hint: "did you mean …?" where one of `words` is close, else `otherwise`."""
    near = closest(word, words)
    return f"did you mean `{near}`?" if near else otherwise


def listed(words: Iterable[object]) -> str:
    """Words as an error message lists them."""
    return ", ".join(str(word) for word in words) or "(none)"


def shown(value: object) -> str:
    """A value as an error message shows it: short, on one line, in backquotes."""
    text = "nothing" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    text = " ".join(text.split())
    return text if value is None else f"`{text[:117]}...`" if len(text) > 120 else f"`{text}`"


@dataclass
class Document:
    """One file: its data, the line of each path, its `sha` (SHA-256 of the bytes), and the faults found so far.

    `broken` holds the paths that an earlier check has faulted already, so that a later one does not fault them twice.
    `origins` names where a value came from that does not stand in the file.
    """

    file: str
    sha: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    lines: dict[KeyPath, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    broken: set[KeyPath] = field(default_factory=set)
    origins: dict[KeyPath, str] = field(default_factory=dict)

    def where(self, path: KeyPath) -> str:
        """`file: path (object.column, line n)`."""
        if path[:1] in self.origins:
            return self.origins[path[:1]]
        near = [self._name(path), self._line(path)]
        note = ", ".join(item for item in near if item)
        return f"{self.file}: {path_text(path)}" + (f" ({note})" if note else "")

    def add(self, path: KeyPath, found: str, allowed: str, hint: str) -> None:
        """Note a fault, unless this very path has been faulted."""
        if path not in self.broken:
            self.faults.append(Fault(self.where(path), found, allowed, hint))
            self.broken.add(path)

    def check(self) -> None:
        """Raise everything that was found, if anything was."""
        if self.faults:
            raise TieoutError(self.faults)

    def _line(self, path: KeyPath) -> str:
        for end in range(len(path), 0, -1):
            if line := self.lines.get(path[:end]):
                return f"line {line}"
        return ""

    def _name(self, path: KeyPath) -> str:
        """Names of the schema object and the property on the way, because counting list items is no fun at night."""
        node: Any = self.data
        names: list[str] = []
        for place, key in enumerate(path):
            try:
                node = node[key]
            except (KeyError, IndexError, TypeError):
                break
            inside = place > 0 and path[place - 1] in ("schema", "properties")
            if inside and isinstance(node, Mapping) and isinstance(node.get("name"), str):
                names.append(node["name"])
        return ".".join(names)


def read_document(path: Path, what: str) -> Document:
    """Read a YAML file that holds one mapping; `what` names it in messages ("the vendor's contract").

    Raises TieoutError where the file is missing, not UTF-8, not YAML, not a mapping, or uses aliases. Keys that stand
    twice are noted in `faults` and the first value is kept, so that reading can go on and find the other faults.
    """
    if not path.is_file():
        raise fault(
            path, "no such file", f"a readable YAML file with {what}", f"create it, or correct the path: {path}"
        )
    raw = path.read_bytes()
    document = Document(str(path), hashlib.sha256(raw).hexdigest())
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        hint = "save the file as UTF-8 (an editor shows its encoding in the status line)"
        raise fault(f"{path}: line {line}", f"byte 0x{raw[error.start]:02x}, not UTF-8", "UTF-8 text", hint) from error
    node = _compose(text, path)
    if not isinstance(node, yaml.MappingNode):
        found = "an empty file" if node is None else "no `key: value` lines at the top"
        raise fault(path, found, f"a YAML mapping with {what}", "compare it with the example in the docs")
    document.data = _build(node, (), document)
    return document


def _compose(text: str, path: Path) -> yaml.Node | None:
    try:
        aliases = [token.start_mark for token in yaml.scan(text, Loader=_Loader) if isinstance(token, yaml.AliasToken)]
        if aliases:
            hint = "write the value out in full, once for each place"
            raise TieoutError(
                Fault(
                    f"{path}: line {mark.line + 1}, column {mark.column + 1}",
                    "an alias (`*name`)",
                    "plain values",
                    hint,
                )
                for mark in aliases
            )
        return yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise _syntax_fault(error, text, path) from error


def _syntax_fault(error: yaml.YAMLError, text: str, path: Path) -> TieoutError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    hint = "look at this line and the one above it: an indent, a missing quote or a missing colon"
    if mark and "\t" in text.splitlines()[min(mark.line, len(text.splitlines()) - 1)]:
        hint = "replace the tab by spaces: YAML indents with spaces only"
    return fault(f"{path}: {place}", f"YAML that cannot be parsed: {problem}", "valid YAML", hint)


def _build(node: yaml.Node, path: KeyPath, document: Document) -> Any:
    document.lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return _build_mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*path, place), document) for place, item in enumerate(node.value)]
    if node.tag not in _TAGS:
        document.add(path, f"a value with the tag `{node.tag}`", "plain text, numbers, true, false", "remove the tag")
        return None
    return _scalar(node)


def _build_mapping(node: yaml.MappingNode, path: KeyPath, document: Document) -> dict[str, Any]:
    built: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            document.add((*path, f"(line {line})"), "a key that is a list or mapping", "text", "write the key as text")
            continue
        key = str(key_node.value)
        if key in built:
            first = document.lines[(*path, key)]
            found = f"`{key}` for the second time, on line {line}"
            document.add(
                (*path, key), found, f"each key once (it stands on line {first} already)", "delete one of them"
            )
            continue
        built[key] = _build(value_node, (*path, key), document)
        document.lines[(*path, key)] = line
    return built


def _scalar(node: yaml.Node) -> str | int | float | bool | None:
    text = str(node.value)
    kind = node.tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    try:
        return int(text) if kind == "int" else float(text) if kind == "float" else text
    except ValueError:  # an explicit tag on something else, such as `!!int abc`
        return text
