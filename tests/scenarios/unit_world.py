"""Units of one product that are sold, scanned, brought back and sold again, as it could really happen. Pure.

What really happened is told by nobody: `History.reports` are what tills and residents say of it, in whatever order.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
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
        # A unit whose label is read now and then is known by it. Comes such a unit back by its gtin, nobody can know
        # that it did, and what its serial says after that is taken for what it was before: 0025, "what cannot be
        # known". So only units whose labels nobody ever reads come back by their gtin, and whole lines: it is certain.
        self.labelled = {unit for unit in self.units if self.random.random() < 0.75}
        self.moments = self.random.random() < 0.2

    def run(self, events: int) -> History:
        while len(self.events) < events:
            self.pass_time()
            acts: list[Callable[[], Event]] = [self.sell] * 3 if self.on_sale else []
            acts += [self.bring_back] * 3 if self.held else []
            acts += [self.scan] * 2 if self.labelled & self.held.keys() else []
            if acts:  # else all there is came back this very moment
                self.events.append(self.random.choice(acts)())
        kept = tuple(sum(each.buyer == who for each in self.held.values()) for who in range(self.residents))
        events_told = tuple(self.told(each) for each in self.events)
        return History(self.residents, self.retailers, len(self.units), events_told, kept)

    def pass_time(self) -> None:
        """Go on by a minute, or let no more than two events fall on one moment."""
        shared = len(self.events) > 1 and self.events[-1].at == self.events[-2].at
        self.at += 0 if self.moments and self.events and not shared and self.random.random() < 0.5 else 1

    @property
    def on_sale(self) -> set[int]:
        """Units in the shop, but those that came back this very moment.

        A unit that is sold and comes back at one moment, told in no order, was sold first: what else is a void?
        """
        back = {unit for each in self.events if isinstance(each, Back) and each.at == self.at for unit in each.units}
        return self.shop.keys() - back

    def sell(self) -> Sold:
        retailer = self.random.choice(sorted({self.shop[unit] for unit in self.on_sale}))
        there = sorted(unit for unit in self.on_sale if self.shop[unit] == retailer)
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
        unit = self.random.choice(sorted(self.labelled & self.held.keys()))
        return Scanned(self.at, self.held[unit].buyer, unit)

    def bring_back(self) -> Back:
        """Bring units back to where they were bought, by who bought them: of a gift, the code is another member's."""
        unit = self.random.choice(sorted(self.held))
        sale = self.held[unit]
        tells = [Tells.LINE, Tells.MEMBER]
        units: tuple[int, ...] = (unit,)
        read = unit in self.labelled
        if read and self.is_certain(sale) and self.random.random() < 0.3:
            units, tells, read = sale.units, [Tells.LINE], False
        elif read:
            tells += [Tells.NOTHING] * 2
        else:
            plain = sorted(each for each, of in self.held.items() if of is sale and each not in self.labelled)
            units = tuple(sorted(self.random.sample(plain, self.random.randint(1, len(plain)))))
        for each in units:
            del self.held[each]
            self.shop[each] = sale.retailer
        return Back(self.at, f"B{len(self.events)}", sale, units, read, self.random.choice(tells))

    def is_certain(self, sale: Sold) -> bool:
        """Tell whether all units of a line are there, and none is known by its label but the one the line named."""
        whole = all(self.held.get(each) is sale for each in sale.units)
        return whole and self.labelled & set(sale.units) == {sale.named}

    def told(self, event: Event) -> Event:
        """Return it as it is told: with its line where the serial alone, told in whatever order, may mean another's.

        It does where somebody else had the unit as well, and the sale did not name it; or where who had it later
        scanned its label, which may be matched with another sale of theirs. Told before what came in between, the
        return is taken of that, and nothing told later can say whose else it was: 0025, "what cannot be known".
        """
        if not isinstance(event, Back) or event.tells is not Tells.NOTHING:
            return event
        (unit,), buyer = event.units, event.sale.buyer
        others = any(isinstance(each, Sold) and unit in each.units and each.buyer != buyer for each in self.events)
        later = any(isinstance(each, Scanned) and each.unit == unit and each.who != buyer for each in self.after(event))
        return replace(event, tells=Tells.LINE) if later or (others and event.sale.named != unit) else event

    def after(self, event: Event) -> list[Event]:
        return self.events[self.events.index(event) + 1 :]


def _units(units: tuple[int, ...]) -> str:
    return "+".join(f"u{each}" for each in units)
