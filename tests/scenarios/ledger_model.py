"""What the ledger has to say, worked out the slow way: a few lists, no locks, no history that is summed up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from points.ledger import Bearer, Holdings, Rejection, Reversed
from tests.scenarios.ledger_things import Debt, Draws, Hold, Lot, Reversal, Taken

START = datetime(2026, 1, 1, tzinfo=UTC)
RESIDENTS = 3
BUDGETS = 2


@dataclass(frozen=True)
class Change:
    """What one entry did to one resident: recorded in step `step`, in effect from `effective_at`."""

    step: int
    who: int
    effective_at: datetime
    by: tuple[int, ...]


@dataclass
class Model:
    now: datetime = START
    step: int = 0
    budgets: list[int] = field(default_factory=lambda: [0] * BUDGETS)
    grams: list[int] = field(default_factory=lambda: [0] * RESIDENTS)
    lots: list[Lot] = field(default_factory=list)
    holds: dict[UUID, Hold] = field(default_factory=dict)
    debts: list[Debt] = field(default_factory=list)
    reversals: dict[UUID, Reversal] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    known: dict[int, tuple[int, ...]] = field(default_factory=lambda: dict.fromkeys(range(RESIDENTS), (0,) * 5))

    # What is there.

    def spendable(self, who: int) -> list[Lot]:
        found = [lot for lot in self.lots if lot.who == who and lot.mature and lot.expires_at > self.now]
        return sorted(found, key=lambda lot: lot.order)

    def opened(self, who: int) -> list[Hold]:
        return [hold for hold in self.holds.values() if hold.who == who and hold.state == "open"]

    def void(self, who: int) -> list[Hold]:
        """Return the open holds whose time is over: their points are back, whether or not a sweep came by."""
        return [hold for hold in self.opened(who) if hold.expires_at <= self.now]

    def owed(self, who: int) -> int:
        return sum(debt.points for debt in self.debts if debt.who == who)

    def booked(self, who: int) -> tuple[int, ...]:
        """Return grams, available, pending, held and owed by the book: what time took is in until it is swept."""
        lots = [lot for lot in self.lots if lot.who == who]
        mature = sum(lot.remaining for lot in lots if lot.mature)
        pending = sum(lot.remaining for lot in lots if not lot.mature)
        return self.grams[who], mature, pending, sum(hold.amount for hold in self.opened(who)), self.owed(who)

    def holdings(self, who: int) -> Holdings:
        grams, _, pending, held, owed = self.booked(who)
        void = self.void(who)
        back = sum(points for hold in void for lot, points in hold.draws if lot.expires_at > self.now)
        pays = min(back, owed)
        spendable = sum(lot.remaining for lot in self.spendable(who))
        return Holdings(grams, spendable + back - pays, pending, held - sum(hold.amount for hold in void), owed - pays)

    def as_of(self, who: int, step: int, until: datetime | None) -> Holdings:
        """Return what was known at the end of a step, of what took effect until a time."""
        taken = [each for each in self.changes if each.who == who and each.step <= step]
        sums = [each.by for each in taken if until is None or each.effective_at <= until]
        return Holdings(*(sum(column) for column in zip((0,) * 5, *sums, strict=True)))

    def note(self, effective_at: datetime) -> None:
        """Write down what has changed since the last time, as in effect from a time."""
        for who, before in self.known.items():
            after = self.booked(who)
            if after != before:
                by = tuple(one - other for one, other in zip(after, before, strict=True))
                self.changes.append(Change(self.step, who, effective_at, by))
                self.known[who] = after

    # What happens.

    def award(self, lots: Iterable[Lot]) -> None:
        for lot in lots:
            self.lots.append(lot)
            lot.kept_grams = lot.grams
            self.grams[lot.who] += lot.grams
            for budget, points in lot.paid:
                self.budgets[budget] -= points
            self.note(lot.effective_at)

    def take(self, who: int, points: int) -> Draws:
        draws: Draws = []
        for lot in self.spendable(who):
            part = min(lot.remaining, points)
            if part:
                lot.remaining -= part
                points -= part
                draws.append((lot, part))
        return draws

    def hold(self, hold_id: UUID, who: int, amount: int, expires_at: datetime) -> bool:
        if sum(lot.remaining for lot in self.spendable(who)) < amount:
            return False
        self.holds[hold_id] = Hold(who, amount, expires_at, self.take(who, amount))
        self.note(self.now)
        return True

    def release_void(self, residents: Iterable[int]) -> int:
        void = [hold for who in sorted(set(residents)) for hold in self.void(who)]
        self.arrive([back for hold in void for back in self._close(hold, 0)])
        return len(void)

    def close(self, wanted: Sequence[tuple[UUID, int | None]]) -> list[Rejection | None]:
        """Settle with points, wholly with None, or release with 0."""
        back: Draws = []
        outcomes = []
        for hold_id, points in wanted:
            hold = self.holds.get(hold_id)
            spent = 0 if hold is None else hold.amount if points is None else points
            refused = self._refused(hold, spent)
            if hold is not None and refused is None and hold.state == "open":
                back += self._close(hold, spent)
            outcomes.append(refused)
        self.arrive(back)
        return outcomes

    def _refused(self, hold: Hold | None, spent: int) -> Rejection | None:
        if hold is None:
            return Rejection.NO_SUCH_HOLD
        if spent > hold.amount:
            return Rejection.MORE_THAN_HELD
        if hold.state != "open":
            return None if hold.spent == spent else Rejection.HOLD_CLOSED
        return Rejection.HOLD_EXPIRED if spent and hold.expires_at <= self.now else None

    def _close(self, hold: Hold, spent: int) -> Draws:
        hold.state, hold.spent = "settled" if spent else "released", spent
        back = self.give_back(hold, hold.amount - spent)
        for lot, points in back:
            lot.remaining += points
        return back

    def give_back(self, hold: Hold, points: int) -> Draws:
        """Take points out of a hold, the last drawn first; return to which lots they go."""
        back: Draws = []
        for place in reversed(range(len(hold.draws))):
            lot, drawn = hold.draws[place]
            part = min(drawn, points)
            hold.draws[place] = lot, drawn - part
            points -= part
            back.append((lot, part))
        return back

    def arrive(self, back: Draws) -> None:
        """Let points that can be spent now pay what their residents owe, the oldest debt first."""
        for lot, points in sorted(back, key=lambda each: each[0].order):
            left = points if lot.expires_at > self.now else 0
            for debt in self.debts:
                part = min(left, debt.points) if debt.who == lot.who else 0
                lot.remaining -= part
                debt.points -= part
                if part:
                    self.reversals[debt.reversal_id].gave(lot)
                self.fill(debt.reversal_id, debt.budget, part)
                left -= part
        self.note(self.now)

    def fill(self, reversal_id: UUID, budget: int, points: int) -> None:
        """Give a budget back what a reversal took."""
        self.budgets[budget] += points
        got = self.reversals[reversal_id].got
        got[budget] = got.get(budget, 0) + points

    def refund(self, wanted: Sequence[tuple[UUID, int]]) -> list[Rejection | None]:
        arrived: Draws = []
        outcomes: list[Rejection | None] = []
        for hold_id, points in wanted:
            hold = self.holds.get(hold_id)
            if hold is None:
                outcomes.append(Rejection.NO_SUCH_HOLD)
            elif hold.state != "settled":
                outcomes.append(Rejection.HOLD_NOT_SETTLED)
            elif points > sum(drawn for _, drawn in hold.draws):
                outcomes.append(Rejection.MORE_THAN_SPENT)
            else:
                outcomes.append(None)
                arrived += self.give_back(hold, points)
        for lot, points in arrived:
            if lot.expires_at > self.now:
                lot.remaining += points
            else:
                lot.expired += points
        self.arrive([(lot, self.make_up(lot, points)) for lot, points in arrived])
        return outcomes

    def make_up(self, lot: Lot, points: int) -> int:
        """Let points refunded to a lot make up for what the programme bore of it; return what is left of them."""
        left = points if lot.expires_at > self.now else 0
        for place, (reversal_id, budget, lost) in enumerate(lot.losses):
            part = min(left, lost)
            lot.losses[place] = reversal_id, budget, lost - part
            lot.remaining -= part
            self.fill(reversal_id, budget, part)
            left -= part
        return left

    def reverse(self, wanted: Sequence[Taken]) -> list[Reversed]:
        self.release_void(each.lot.who for each in wanted)
        return [self._reverse(each) for each in wanted]

    def _reverse(self, each: Taken) -> Reversed:
        lot, wanted = each.lot, sum(points for _, points in each.payments)
        own = min(wanted, lot.remaining)
        lot.remaining -= own
        swept = min(wanted - own, lot.expired)
        lot.expired -= swept
        draws = self.take(lot.who, wanted - own - swept)
        others = sum(points for _, points in draws)
        found = own + swept + others
        missing = wanted - found
        unspent = max(0, sum(hold.amount for hold in self.opened(lot.who)) - self.owed(lot.who))
        owed = left = missing if each.bearer is Bearer.RESIDENT else min(missing, unspent)
        lapsed = lot.mature and lot.expires_at <= self.now
        from_award, gone = (0, own + swept) if lapsed else (own, swept)
        self.reversals[each.entry_id] = Reversal(each, gone)
        for other, _ in draws:
            self.reversals[each.entry_id].gave(other)
        for budget, points in each.payments:
            back = min(found, points)
            found -= back
            self.fill(each.entry_id, budget, back)
            due = min(left, points - back)
            left -= due
            lot.losses.append((each.entry_id, budget, points - back - due))
            self.debts.append(Debt(each.entry_id, lot.who, budget, due))
        lot.losses.sort()
        self.debts.sort(key=lambda debt: (debt.reversal_id, debt.budget))
        self.grams[lot.who] -= each.grams
        self.note(each.effective_at)
        return Reversed(each.entry_id, from_award, others, gone, owed, missing - owed)

    def forgive(self, who: int, points: int | None) -> int:
        left = ended = self.owed(who) if points is None else min(points, self.owed(who))
        for debt in self.debts:
            part = min(left, debt.points) if debt.who == who else 0
            debt.points -= part
            left -= part
        self.note(self.now)
        return ended

    def reinstate(self, wanted: Sequence[tuple[UUID, UUID]], until: datetime) -> list[tuple[dict[int, int], int, int]]:
        """Give back all that reversals took; return what budgets paid again, and what ended of debts and of losses."""
        ended = [self._end(reversal_id) for _, reversal_id in wanted]
        return [(self._back(*each, until), *sums) for each, sums in zip(wanted, ended, strict=True)]

    def _end(self, reversal_id: UUID) -> tuple[int, int]:
        lot = self.reversals[reversal_id].taken.lot
        owed = sum(debt.points for debt in self.debts if debt.reversal_id == reversal_id)
        self.debts = [debt for debt in self.debts if debt.reversal_id != reversal_id]
        lost = sum(points for by, _, points in lot.losses if by == reversal_id)
        lot.losses = [each for each in lot.losses if each[0] != reversal_id]
        return owed, lost

    def _back(self, entry_id: UUID, reversal_id: UUID, until: datetime) -> dict[int, int]:
        reversal = self.reversals.pop(reversal_id)
        lot, got = reversal.taken.lot, {budget: points for budget, points in reversal.got.items() if points}
        for budget, points in got.items():
            self.budgets[budget] -= points
        back = [(budget, points - got.get(budget, 0)) for budget, points in reversal.taken.payments]
        lot.paid = [(budget, left + dict(back).get(budget, 0)) for budget, left in lot.paid]
        lot.kept_grams += reversal.taken.grams
        self.grams[lot.who] += reversal.taken.grams
        if got:
            expires_at = max(lot.expires_at if lot.expires_at > self.now else until, reversal.others_until)
            times = (self.now, lot.matures_at, expires_at)
            mature = lot.matures_at <= self.now and not self.owed(lot.who)
            left, lapsed = sum(got.values()) - reversal.lapsed, reversal.lapsed
            self.lots.append(Lot(entry_id, lot.who, 0, sorted(got.items()), *times, lot.priority, mature, left, lapsed))
        self.note(self.now)
        return got

    def mature(self) -> int:
        due = [lot for lot in self.lots if not lot.mature and lot.matures_at <= self.now]
        for lot in due:
            lot.mature = True
        self.arrive([(lot, lot.remaining) for lot in due])
        return len(due)

    def expire(self) -> int:
        due = [lot for lot in self.lots if lot.mature and lot.remaining and lot.expires_at <= self.now]
        for lot in due:
            lot.expired += lot.remaining
            lot.remaining = 0
        self.note(self.now)
        return len(due)
