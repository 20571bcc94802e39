"""A return line with everything it may be of. Pure."""

from dataclasses import dataclass
from uuid import UUID

from points import ledger
from points.earning.activities import Refusal
from points.earning.adjustments.return_lines import ReturnLine
from points.earning.evidence.anonymous_lines import AnonymousLine
from points.earning.evidence.whereabouts import Whereabouts
from points.earning.keys import UnitKey

Told = tuple[str, bytes]
"""The key of a return and what came with it."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A line with the claim that makes it once, its product, and what it may be of.

    `sales` are receipts, or the id a held sale will have: the one that the line names, or with `guessed` all that
    its member had there. `anonymous` is a line that no member showed a code for. `where` is what is known of
    the label unit that came back with it, where one was made; `fresh` says that its key was claimed now; `serials` are
    those that the sale it names told, where a unit came back; `others` are sales that its unit may have come back of
    later, where a return of those had to guess; `stranger` is why the member code means nobody.
    """

    retailer_id: UUID
    line: ReturnLine
    gtin: str
    use: ledger.KeyUse
    sales: tuple[UUID, ...]
    guessed: bool
    anonymous: AnonymousLine | None
    where: Whereabouts | None
    fresh: bool
    serials: frozenset[str]
    others: tuple[UUID, ...]
    stranger: Refusal | None

    @property
    def key(self) -> UnitKey | None:
        """The label unit that came back, if that is known."""
        return None if self.where is None else self.where.key

    @property
    def serial(self) -> str | None:
        """That of the unit, within its product."""
        return None if self.key is None else self.key[1]

    @property
    def label(self) -> UUID | None:
        """What credited the unit on its own, where no sale of it is known, and goes with it."""
        return None if self.where is None else self.where.label_at(self.line.returned_at)

    @property
    def named(self) -> set[UUID]:
        """Everything it may take something of, and what its unit is of now: who has the unit is locked.

        Its label as well, where nothing of that goes: the unit is written, and a sale may be matched with it meanwhile.
        """
        unit = None if self.where is None else self.where.unit
        now_of = None if unit is None else unit.activity_id if unit.sale_id is None else unit.sale
        return {each for each in (*self.sales, *self.others, now_of) if each is not None}

    @property
    def told(self) -> Told:
        """What is the same for the same report: its key, and what came with it."""
        return self.use.key, self.use.input_hash
