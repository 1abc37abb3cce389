"""What a test sees of a drafted contract: its text, and the contract that the text makes."""

from collections.abc import Callable
from dataclasses import dataclass

from pipelines.contract import Contract, FeedObject


@dataclass(frozen=True)
class Drafted:
    """The text that was drafted, and the contract that it makes."""

    text: str
    contract: Contract

    @property
    def item(self) -> FeedObject:
        """The only object."""
        (item,) = self.contract.objects
        return item

    @property
    def roles(self) -> dict[str, str]:
        """Which column fills which role."""
        return {column.role: column.raw for column in self.item.columns if column.role}

    @property
    def figures(self) -> dict[str, tuple[str, str | None]]:
        """Figure and unit of each column."""
        return {column.raw: (column.figure, column.unit) for column in self.item.columns if column.figure}

    def comment_above(self, name: str) -> str:
        """The comments that stand directly above the property of a column."""
        lines = self.text.splitlines()
        place = next(at for at, line in enumerate(lines) if f"name: {name}" in line and "properties" not in line)
        above = []
        while (
            lines[place - 1 - len(above)].lstrip().startswith("# ") and "tieout." not in lines[place - 1 - len(above)]
        ):
            above.append(lines[place - 1 - len(above)].strip())
        return "\n".join(reversed(above))


Drafting = Callable[..., Drafted]
