"""Turns `quality[]`, `required`, `unique` and `enum` of a contract into `Rule`s over the canonical tables.

A contract names the columns of its file; the rules run on the canonical table, so names are translated here and a
column without a role can have no rule. ODCS's own metrics are in `metrics.py`. The rules run in `checks/rules/`.

Who answers for a rule is said in its `customProperties` (`owner`), else by the contract's `team`.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from pipelines.contract.documents import Document, KeyPath, listed, meant, shown
from pipelines.contract.expectations import EXPECTATIONS, plain_sentence
from pipelines.contract.metric_sql import Count
from pipelines.contract.metrics import read_metric
from pipelines.contract.model import Column, Rule, Severity
from pipelines.contract.queries import read_query
from pipelines.contract.vocabulary import CANONICAL_COLUMN, REJECTS_THE_ROW

Node = Mapping[str, Any]
Columns = Mapping[str, Column]
"""The columns of one object by their names in the contract (`name`, and `physicalName` where given)."""

_SQL = "unexpected_rows_expectation"
_UNIQUE = ("expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique")


class RuleReader:
    """Reads the rules of one object and keeps their names unique in it."""

    def __init__(self, document: Document, columns: Columns, faulty: Collection[str], feed: str) -> None:
        self.document = document
        self.rejecting = REJECTS_THE_ROW.get(feed, ())
        self.columns = columns
        self.faulty = faulty
        self.taken: set[str] = set()
        self.owner = _team(document.data.get("team"))

    def of_column(self, path: KeyPath, node: Node, column: Column) -> tuple[Rule, ...]:
        """The rules of one property: those of its own keys, then those of its `quality[]`."""
        rules = [*self._promised(path, node, column), *self._quality(path, node, column)]
        return tuple(rule for rule in rules if rule)

    def of_object(self, path: KeyPath, node: Node) -> tuple[Rule, ...]:
        """The rules in the `quality[]` of the object itself."""
        return tuple(rule for rule in self._quality(path, node, None) if rule)

    def _promised(self, path: KeyPath, node: Node, column: Column) -> list[Rule | None]:
        """`required`, `unique`, `enum`; on the keys of a feed they are left to the reader and to a detector."""
        rules: list[Rule | None] = []
        if column.required and column.role not in self.rejecting:
            kwargs: dict[str, Any] = {"column": column.raw}
            rules.append(self._rule((*path, "required"), "expect_column_values_to_not_be_null", kwargs, node))
        if column.unique and column.role != "call_id":
            kwargs = {"column": column.raw}
            rules.append(self._rule((*path, "unique"), "expect_column_values_to_be_unique", kwargs, node))
        if column.enum:
            kwargs = {"column": column.raw, "value_set": list(column.enum)}
            rules.append(self._rule((*path, "enum"), "expect_column_values_to_be_in_set", kwargs, node))
        return rules

    def _quality(self, path: KeyPath, node: Node, column: Column | None) -> list[Rule | None]:
        items = node.get("quality")
        return [
            self._check((*path, "quality", place), item, column)
            for place, item in enumerate(items if isinstance(items, list) else ())
            if isinstance(item, Mapping)
        ]

    def _check(self, path: KeyPath, item: Node, column: Column | None) -> Rule | None:
        kind = item.get("type", "library")
        if kind == "text" or (*path, "type") in self.document.broken:
            return None  # a sentence for people: nothing to run
        if kind == "library":
            metric = read_metric(self.document, path, item, column)
            if metric is not None and metric.count is not None:
                severity = self._severity(path, item)
                return self._counted(path, metric.count, item, severity) if severity else None
            read = (metric.expectation, dict(metric.kwargs)) if metric else None
        elif kind == "custom":
            read = self._custom(path, item, column)
        else:
            hint = "write it as type: custom with unexpected_rows_expectation"
            self.document.add((*path, "type"), shown(kind), "library, custom, text", hint)
            return None
        severity = self._severity(path, item)
        if read is None or severity is None:
            return None
        return self._rule(path, *read, item, severity)

    def _severity(self, path: KeyPath, item: Node) -> Severity | None:
        severity = item.get("severity", "warning")
        if severity == "error":
            return "error"
        if severity == "warning":
            return "warning"
        hint = "error holds the day back until somebody looks at it, warning only records"
        self.document.add((*path, "severity"), shown(severity), "error, warning", hint)
        return None

    def _custom(self, path: KeyPath, item: Node, column: Column | None) -> tuple[str, dict[str, Any]] | None:
        document = self.document
        if item.get("engine") != "greatExpectations":
            if "engine" in item:
                hint = "rewrite the rule as an expectation, or remove it"
                document.add((*path, "engine"), shown(item["engine"]), "greatExpectations", hint)
            return None
        implementation = item.get("implementation")
        here = (*path, "implementation")
        if not isinstance(implementation, Mapping):
            hint = "write it as {expectation_type: …, kwargs: {…}}"
            document.add(here, shown(implementation), "expectation_type, kwargs", hint)
            return None
        for key in implementation.keys() - {"expectation_type", "kwargs"}:
            hint = meant(key, ("expectation_type", "kwargs"), "remove it")
            document.add((*here, key), f"the unknown key `{key}`", "expectation_type, kwargs", hint)
        name = implementation.get("expectation_type")
        if not isinstance(name, str) or name not in EXPECTATIONS:
            hint = meant(
                str(name), EXPECTATIONS, "take one of the list, or unexpected_rows_expectation with a condition"
            )
            document.add((*here, "expectation_type"), shown(name), listed(EXPECTATIONS), hint)
            return None
        kwargs = implementation.get("kwargs") or {}
        if not isinstance(kwargs, Mapping):
            document.add((*here, "kwargs"), shown(kwargs), "a mapping of arguments", "kwargs: {min_value: 0}")
            return None
        return self._kwargs((*here, "kwargs"), name, dict(kwargs), column)

    def _kwargs(
        self, path: KeyPath, name: str, kwargs: dict[str, Any], column: Column | None
    ) -> tuple[str, dict[str, Any]] | None:
        """Check the arguments' names; the column itself is filled in where the rule stands on a property."""
        document, expectation = self.document, EXPECTATIONS[name]
        if column and "column" in expectation.columns:
            kwargs.setdefault("column", column.raw)
        if column and "column_A" in expectation.columns:
            kwargs.setdefault("column_A", column.raw)
        before = len(document.faults)
        allowed = (*expectation.columns, *expectation.options)
        for key in kwargs.keys() - set(allowed):
            hint = meant(key, allowed, "remove it")
            document.add((*path, key), f"the unknown argument `{key}` of {name}", listed(allowed), hint)
        for key in expectation.columns:
            if key not in kwargs:
                hint = "name the column as it stands in the file"
                document.add((*path, key), f"no `{key}`", f"the columns that {name} compares", hint)
        if expectation.needs and not any(kwargs.get(key) is not None for key in expectation.needs):
            hint = f"add {' or '.join(expectation.needs)}"
            document.add(path, f"none of {listed(expectation.needs)}", f"at least one, or {name} says nothing", hint)
        self._check_values(path, kwargs)
        return (name, kwargs) if len(document.faults) == before else None

    def _check_values(self, path: KeyPath, kwargs: Mapping[str, Any]) -> None:
        mostly = kwargs.get("mostly", 1)
        if isinstance(mostly, bool) or not isinstance(mostly, int | float) or not 0 <= mostly <= 1:
            hint = "0.99 lets one row in a hundred break the rule"
            self.document.add((*path, "mostly"), shown(mostly), "a share from 0 to 1", hint)
        for key in ("column", "column_A", "column_B"):
            if not isinstance(kwargs.get(key, ""), str):
                hint = "name the column as it stands in the file"
                self.document.add((*path, key), shown(kwargs[key]), "the name of a column", hint)
        for key in ("value_set", "column_list"):
            if key in kwargs and (not isinstance(kwargs[key], list) or not kwargs[key]):
                self.document.add((*path, key), shown(kwargs[key]), "a list that is not empty", f"{key}: [a, b]")

    def _rule(
        self, path: KeyPath, name: str, kwargs: dict[str, Any], item: Node, severity: Severity = "warning"
    ) -> Rule | None:
        """The rule with canonical column names; None, with a fault, where a column has none."""
        promised = path[-1] in ("required", "unique", "enum")
        described = None if promised else item.get("description")
        sentence = described if isinstance(described, str) else plain_sentence(name, kwargs)
        used = self._used(path, name, kwargs)
        translated = self._translate(path, name, kwargs)
        if translated is None:
            return None
        if severity == "error" and name in _UNIQUE and any(column.role == "call_id" for column in used):
            self._refuse_blocking(path)
            return None
        subject = [_canonical(column) or "" for column in used] or ["table"]
        about = "true" if name == _SQL else None  # what `queries.py` lets pass is about single rows
        return Rule(
            self._name("_".join(subject), name), name, translated, severity, sentence, self._owner(path, item), about
        )

    def _counted(self, path: KeyPath, count: Count, item: Node, severity: Severity) -> Rule | None:
        """The rule of a metric whose count is compared in SQL."""
        canonical = [self._column(path, name) for name in count.columns]
        used = [name for name in canonical if name is not None]
        if len(used) < len(canonical):
            return None
        columns = [self.columns[str(name)] for name in count.columns]
        if severity == "error" and count.metric == "duplicateValues" and any(one.role == "call_id" for one in columns):
            self._refuse_blocking(path)
            return None
        described = item.get("description")
        sentence = described if isinstance(described, str) else count.sentence
        if columns and columns[0].map and "validValues" in count.arguments:
            kwargs = {"column": count.columns[0], "value_set": count.arguments["validValues"]}
            count = replace(count, arguments={"validValues": self._values(path, kwargs)})
        query = {"unexpected_rows_query": count.query(used)}
        name = self._name("_".join(used) or "table", count.name)
        return Rule(name, _SQL, query, severity, sentence, self._owner(path, item))

    def _owner(self, path: KeyPath, item: Node) -> str:
        """Who answers for the rule."""
        items = item.get("customProperties") if path[-1] not in ("required", "unique", "enum") else None
        for place, one in enumerate(items if isinstance(items, list) else ()):
            if not isinstance(one, Mapping) or one.get("property") != "owner":
                continue
            if isinstance(one.get("value"), str) and one["value"].strip():
                return str(one["value"]).strip()
            here = (*path, "customProperties", place, "value")
            self.document.add(here, shown(one.get("value")), "a name or a role", "value: data engineer")
        return self.owner

    def _refuse_blocking(self, path: KeyPath) -> None:
        hint = "use severity: warning; a repeated call_id is judged by a detector, and a padded file must be judged"
        self.document.add((*path, "severity"), "error on a repeated call_id", "warning", hint)

    def _used(self, path: KeyPath, name: str, kwargs: Mapping[str, Any]) -> list[Column]:
        raw = [kwargs[key] for key in EXPECTATIONS[name].columns]
        flat = [item for value in raw for item in (value if isinstance(value, list) else [value])]
        return [self.columns[str(item)] for item in flat if str(item) in self.columns]

    def _translate(self, path: KeyPath, name: str, kwargs: dict[str, Any]) -> dict[str, Any] | None:
        if name == _SQL:
            known = {raw: to for raw, column in self.columns.items() if (to := _canonical(column))}
            query = read_query(self.document, path, kwargs["unexpected_rows_query"], known)
            return None if query is None else {"unexpected_rows_query": query}
        translated = dict(kwargs)
        for key in EXPECTATIONS[name].columns:
            value = kwargs[key]
            names = [self._column(path, item) for item in (value if isinstance(value, list) else [value])]
            if None in names:
                return None
            translated[key] = names if isinstance(value, list) else names[0]
        if "value_set" in kwargs:
            translated["value_set"] = self._values(path, kwargs)
        return translated

    def _column(self, path: KeyPath, raw: object) -> str | None:
        column = self.columns.get(str(raw))
        if column is None:
            hint = meant(str(raw), self.columns, "name a column of this object")
            self.document.add(
                path, f"the column {shown(raw)}, which this object does not have", listed(self.columns), hint
            )
            return None
        to = _canonical(column)
        if to is None and column.raw not in self.faulty:
            has = "reports a figure" if column.figure else f"fills {column.role}" if column.role else "fills no role"
            hint = "a rule needs a role, because it runs on the canonical table: add tieout.role, or remove the rule"
            if column.figure or column.role:
                hint = "this release has no rules on it: remove the rule"
            self.document.add(path, f"a rule on the column `{raw}`, which {has}", "rules on columns with a role", hint)
        return to

    def _values(self, path: KeyPath, kwargs: Mapping[str, Any]) -> list[Any]:
        """Raw values become canonical ones where the column has a map, because the table holds only those."""
        column = self.columns[str(kwargs["column"])]
        if not column.map:
            return list(kwargs["value_set"])
        values: dict[str, None] = {}
        for value in kwargs["value_set"]:
            canonical = column.map.get(str(value), str(value) if str(value) in column.map.values() else None)
            if canonical is None:
                hint = meant(str(value), column.map, "add it to tieout.map, or take it out of the rule")
                self.document.add(path, f"the value `{value}`, which tieout.map lacks", listed(column.map), hint)
            else:
                values[canonical] = None
        return list(values)

    def _name(self, subject: str, expectation_type: str) -> str:
        """Column and short expectation name, in the letters that Dagster allows for a check."""
        short = re.sub(r"^expect_(column_pair_|compound_|column_|table_)?", "", expectation_type)
        name = base = f"{subject}_{short}"
        count = 1
        while name in self.taken:
            count += 1
            name = f"{base}_{count}"
        self.taken.add(name)
        return name


def _canonical(column: Column) -> str | None:
    return CANONICAL_COLUMN.get(column.role, column.role) if column.role else None


def _team(team: object) -> str:
    """Who answers for a contract's rules: the team's member whose role is owner, else the team, else the contract."""
    members = team.get("members") if isinstance(team, Mapping) else team
    for member in members if isinstance(members, list) else ():
        if isinstance(member, Mapping) and "owner" in str(member.get("role", "")).lower():
            name = member.get("name") or member.get("username")
            if name:
                return str(name)
    name = team.get("name") if isinstance(team, Mapping) else None
    return str(name) if name else "the contract"
