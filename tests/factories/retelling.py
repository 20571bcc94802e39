"""Telling the same reports in any order: what is refused is sent again, and where that does not help, as it says."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from points.earning.activities import Claimable, Outcome, Reason, Refusal
from points.earning.adjustments.return_lines import ReturnOutcome

Told = Outcome | ReturnOutcome
Send = Callable[[], Awaitable[Told]]

_SAYS_WHAT_TO_SEND: Final = frozenset({Reason.UNIT_ALREADY_CLAIMED, Reason.NO_SUCH_SALE})
"""A sale is sent without its serial where another has that unit, a return with its line where no sale is known."""


@dataclass(frozen=True, slots=True)
class Report:
    """Something that is told; `instead` is what is sent in its place where it is refused for one of `reasons`.

    `lasts` says that it is told the same ever after; a label may be another's by then.
    """

    send: Send
    instead: Send | None = None
    reasons: Collection[Reason] = _SAYS_WHAT_TO_SEND
    lasts: bool = True


def is_taken(told: Told) -> bool:
    """Tell whether a report need not be sent again."""
    return isinstance(told, Claimable) or not isinstance(told, Refusal)


async def tell_all(reports: Mapping[str, Report], order: Sequence[str]) -> dict[str, Told]:
    """Tell reports in an order, and what was refused again in it, until nothing more is taken; return the last answers.

    What is still refused then is told as its refusal says, and the rest again after that. In the end all that was taken
    is sent once more: the caller finds whether that changed anything.
    """
    sends = {name: reports[name].send for name in order}
    told: dict[str, Told] = {}
    while True:
        waiting = [name for name in order if name not in told or not is_taken(told[name])]
        for name in waiting:
            told[name] = await sends[name]()
        refused = [name for name in waiting if not is_taken(told[name])]
        if len(refused) < len(waiting):
            continue
        stubborn = [name for name in refused if _other(reports[name], told[name]) not in {None, sends[name]}]
        if not stubborn:
            break
        sends[stubborn[0]] = _other(reports[stubborn[0]], told[stubborn[0]]) or sends[stubborn[0]]
    for name in order:
        if is_taken(told[name]) and reports[name].lasts:
            assert is_taken(await sends[name]()), f"{name} was taken, and then refused"
    return told


def _other(report: Report, told: Told) -> Send | None:
    return report.instead if isinstance(told, Refusal) and told.reason in report.reasons else None
