"""`tanhui demo`: one lively day in a demonstration city, over HTTP, and what it came to."""

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import httpx
import typer

from commands import up
from commands.audit import show
from commands.demo import acts, exchange, telling
from commands.demo.acts import Day
from commands.demo.cast import assembled
from commands.demo.client import Service
from commands.demo.loading import load_demo_programme
from commands.door import completed, prepared
from commands.progress import Bar
from core.children import ended_by_signals
from core.embedded import exported
from core.settings import settings
from core.supervisor import running, wait_until_ready
from workers.auditing import audited

_LEAST: Final = 80
"""Fewer residents would not make a race of 64 who all have points."""
_ACTS: Final = (
    acts.open_campaign,
    acts.label_a_product,
    acts.scan_around,
    acts.scan_at_once,
    acts.sell,
    acts.sell_at_once,
    acts.refuse,
    exchange.race,
)


def demo(
    url: Annotated[
        str | None, typer.Option(help="A running service on the same database; else one is found or started.")
    ] = None,
    residents: Annotated[int, typer.Option(min=_LEAST, max=5_000, help="How many live in the city.")] = 300,
) -> None:
    """Live one day in a demonstration city: scans, sales, duplicates, refusals, a campaign, a race for a last voucher.

    Loads the city if the database has none, then does everything over HTTP, and prints a receipt explained line by
    line, the top of the board, a redemption, and the audit. Exit code 1 when anything is not as it has to be.

    It can be run again: every run is a further day's trade with the same residents.

    Example: tanhui demo --residents 500
    """
    with ended_by_signals(), prepared(), _service(url) as address:
        sound = completed(lambda: _lived(address, residents))
    if not sound:
        raise typer.Exit(1)


@contextmanager
def _service(url: str | None) -> Iterator[str]:
    """Have a service while the block runs: the one at `url`, the one where the settings say, or one of our own."""
    if url is not None or _is_ready(up.address(settings())):
        yield url or up.address(settings())
        return
    with socket.create_server((settings().host, 0)) as free:
        port = free.getsockname()[1]
    with (
        exported({"TANHUI_PORT": str(port), "TANHUI_LOG_LEVEL": "ERROR"}),
        running(up.programs(settings())) as children,
    ):
        address = up.address(settings())
        wait_until_ready(f"{address}/readyz", children)
        yield address


def _is_ready(url: str) -> bool:
    """Tell whether a service of ours answers there."""
    try:
        answer = httpx.get(f"{url}/readyz", timeout=2, trust_env=False)
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK and b"redis" in answer.content


async def _lived(url: str, residents: int) -> bool:
    """Live the day and tell it; return whether everything was as it has to be."""
    credentials = await load_demo_programme()
    if credentials is not None:
        telling.tell_credentials(credentials)
    service = Service(url)
    try:
        async with assembled(residents) as cast:
            day = acts.now_of(secrets.token_hex(3), service, cast)
            with Bar("Living the day", len(_ACTS)) as bar:
                for act in _ACTS:
                    await act(day)
                    bar.advance(1)
            await _tell(day)
    finally:
        await service.close()
    audit = await audited(cast.programme, receipts=True)
    show(audit)
    return telling.tell_checks(day) and not audit.differences


async def _tell(day: Day) -> None:
    """Let the resident who got most look at a receipt, the board and a reward, and print it all.

    Nobody may have got enough: a whole city buys within seconds, which rules of the programme may stop.
    """
    telling.tell_figures(day)
    rich = exchange.wealthy(day)
    day.check("Somebody got points enough for a reward; rules that hold or refuse are told above", holds=bool(rich))
    if not rich:
        return
    star = rich[0]
    telling.tell_receipt(await exchange.receipt(day, star))
    telling.tell_board(await exchange.board(day, star))
    telling.tell_redemption(await exchange.redeem(day, star))
