"""Units of one product that are sold, scanned, brought back and sold again, as it could really happen. Pure.

What really happened is told by nobody: `History.reports` are what tills and residents say of it, in whatever order.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

FULL = 1_000
"""Grams that a unit saves whoever bought it last, and kept it."""
LABEL = 500
"""Grams that its label alone is worth, until its sale is told."""


class Tells(StrEnum):
    """What a till knows of goods that come back, besides what they are."""

    LINE = "line"
    MEMBER = "member"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Sold:
    """One line of a receipt; `named` is the unit whose label the till reads. Who is not `shown` claims the receipt."""

    at: int
    receipt: str
    retailer: int
    buyer: int
    units: tuple[int, ...]
    named: int | None
    shown: bool

    def __str__(self) -> str:
        how = f"reading u{self.named}" if self.named is not None else "by its gtin"
        who = f"r{self.buyer}" if self.shown else f"nobody (r{self.buyer})"
        return f"{self.at:>3}' {self.receipt} at {self.retailer}: {_units(self.units)} to {who}, {how}"


@dataclass(frozen=True, slots=True)
class Scanned:
    """A label, scanned by who has the unit."""

    at: int
    who: int
    unit: int

    def __str__(self) -> str:
        return f"{self.at:>3}' r{self.who} scans u{self.unit}"


@dataclass(frozen=True, slots=True)
class Claimed:
    """The receipt of who showed nothing. No event: it can be claimed at any time after."""

    sale: Sold

    def __str__(self) -> str:
        return f"     r{self.sale.buyer} claims {self.sale.receipt}"


@dataclass(frozen=True, slots=True)
class Back:
    """Units of one line, brought back by who bought them; `read` says that the till reads the label of the one unit."""

    at: int
    number: str
    sale: Sold
    units: tuple[int, ...]
    read: bool
    tells: Tells

    def __str__(self) -> str:
        of = {Tells.LINE: f"of {self.sale.receipt}", Tells.MEMBER: f"of r{self.sale.buyer}", Tells.NOTHING: "of nobody"}
        how = "by serial" if self.read else f"by gtin (really of {self.sale.receipt})"
        return f"{self.at:>3}' {self.number} at {self.sale.retailer}: {_units(self.units)} back {of[self.tells]}, {how}"


Event = Sold | Scanned | Back
Report = Sold | Scanned | Back | Claimed


@dataclass(frozen=True, slots=True)
class History:
    """What happened, in time order, and what each resident has in the end."""

    residents: int
    retailers: int
    units: int
    events: tuple[Event, ...]
    kept: tuple[int, ...]
    """Units that each resident has in the end."""

    @property
    def reports(self) -> list[Report]:
        """Everything that is told of it, in the order in which it happened."""
        told: list[Report] = []
        for each in self.events:
            told += [each, Claimed(each)] if isinstance(each, Sold) and not each.shown else [each]
        return told


def history(seed: int, events: int) -> History:
    """Return what happened by a seed, as many events as asked for."""
    return _World(Random(f"units {seed} {events}")).run(events)


@dataclass
class _World:
    """Where each unit is while it happens."""

    random: Random
    at: int = 0
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.residents, self.retailers = self.random.randint(2, 3), self.random.choice([1, 1, 2])
        self.units = range(self.random.randint(2, 6))
        self.shop = {unit: self.random.randrange(self.retailers) for unit in self.units}
        self.held: dict[int, Sold] = {}
        # Who scans the label of a unit that then comes back by its gtin keeps what the label is worth: nobody can know
        # that it was that unit (0025, "what nobody told"). So units whose labels are scanned come back by their gtin
        # as whole lines only, which named them: that is certain.
        self.labelled = {unit for unit in self.units if self.random.random() < 0.75}
        self.scannable = {unit for unit in self.labelled if self.random.random() < 0.6}
        self.moments = self.random.random() < 0.2

    def run(self, events: int) -> History:
        while len(self.events) < events:
            self.pass_time()
            acts: list[Callable[[], Event]] = [self.sell] * 3 if self.shop else []
            acts += [self.bring_back] * 3 if self.held else []
            acts += [self.scan] * 2 if self.scannable & self.held.keys() else []
            if acts:  # else all there is came back this very moment
                self.events.append(self.random.choice(acts)())
        kept = tuple(sum(each.buyer == who for each in self.held.values()) for who in range(self.residents))
        return History(self.residents, self.retailers, len(self.units), tuple(self.events), kept)

    def pass_time(self) -> None:
        """Go on by a minute, or let no more than two events fall on one moment."""
        shared = len(self.events) > 1 and self.events[-1].at == self.events[-2].at
        self.at += 0 if self.moments and self.events and not shared and self.random.random() < 0.5 else 1

    def sell(self) -> Sold:
        retailer = self.random.choice(sorted({self.shop[unit] for unit in self.shop}))
        there = sorted(unit for unit in self.shop if self.shop[unit] == retailer)
        units = tuple(sorted(self.random.sample(there, min(len(there), self.random.choice([1, 1, 1, 2, 3])))))
        readable = sorted(self.labelled & set(units))
        named = self.random.choice(readable) if readable and self.random.random() < 0.6 else None
        buyer, shown = self.random.randrange(self.residents), self.random.random() < 0.65
        sold = Sold(self.at, f"S{len(self.events)}", retailer, buyer, units, named, shown)
        for unit in units:
            del self.shop[unit]
            self.held[unit] = sold
        return sold

    def scan(self) -> Scanned:
        unit = self.random.choice(sorted(self.scannable & self.held.keys()))
        return Scanned(self.at, self.held[unit].buyer, unit)

    def bring_back(self) -> Back:
        """Bring units back to where they were bought, by who bought them: of a gift, the code is another member's."""
        unit = self.random.choice(sorted(self.held))
        sale = self.held[unit]
        tells = [Tells.LINE, Tells.MEMBER]
        units: tuple[int, ...] = (unit,)
        read = unit in self.labelled and self.random.random() < 0.7
        if unit in self.scannable and self.is_certain(sale) and not read:
            units, tells = sale.units, [Tells.LINE]
        elif read or unit in self.scannable:
            read, tells = True, [*tells, Tells.NOTHING]
        else:
            plain = sorted(each for each, of in self.held.items() if of is sale and each not in self.scannable)
            units = tuple(sorted(self.random.sample(plain, self.random.randint(1, len(plain)))))
        for each in units:
            del self.held[each]
            self.shop[each] = sale.retailer
        return Back(self.at, f"B{len(self.events)}", sale, units, read, self.random.choice(tells))

    def is_certain(self, sale: Sold) -> bool:
        """Tell whether all units of a line are there, and none is known by its label but the one the line named."""
        whole = all(self.held.get(each) is sale for each in sale.units)
        return whole and self.scannable & set(sale.units) == {sale.named}


def _units(units: tuple[int, ...]) -> str:
    return "+".join(f"u{each}" for each in units)
