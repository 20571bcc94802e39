"""What the demonstration prints: the day in figures, one receipt line by line, the board, a redemption, the checks."""

from typing import Any, Final

from rich.console import Console
from rich.table import Table

from commands.demo.acts import Day
from commands.demo.loading import Credentials

_TOP: Final = 5
console: Final = Console()


def tell_credentials(credentials: Credentials) -> None:
    """Print what the demonstration city's people sign in with, which is never shown again."""
    console.print("The demonstration city is there. Its people sign in with these, shown this once:", style="bold")
    for who, secret in (*credentials.passwords.items(), *credentials.keys.items()):
        console.print(f"  {who:<28}{secret}", highlight=False, markup=False, soft_wrap=True)


def tell_figures(day: Day) -> None:
    """Print what was credited and what was refused."""
    table = Table("The day", "", title="One day in Demo City", title_justify="left")
    table.columns[1].justify = "right"
    table.add_row("Scans and sales credited", f"{day.credited:,}")
    table.add_row("Grams of CO2e saved", f"{day.grams:,}")
    table.add_row("Points", f"{day.points:,}")
    for reason, count in day.reasons.most_common():
        table.add_row(f"Held or refused: {reason}", f"{count:,}")
    console.print(table)


def tell_receipt(explained: dict[str, Any]) -> None:
    """Print a receipt with every step from the label's figures to the points."""
    receipt = explained["receipt"]
    title = f"Receipt: {explained['product_name_zh']} ({explained['product_name_en']}), {receipt['quantity']} bought"
    table = Table(title=title, title_justify="left")
    for heading in ("Step", "How", "Result"):
        table.add_column(heading, overflow="fold")
    for step in explained["steps"]:
        table.add_row(f"{step['name_zh']} {step['name_en']}", step["formula"], step["result"])
    console.print(table)
    provenance = explained["provenance"]
    console.print(
        f"Certificate {provenance['certificate_number']}, policy {provenance['policy_version']}, "
        f"rate {provenance['rate_version']}: {provenance['points_per_tonne']:,} points a tonne.",
        highlight=False,
    )


def tell_board(board: dict[str, Any]) -> None:
    """Print the top of the week's board."""
    title = f"Week from {board['starts_on']}: {board['members']} residents ranked"
    table = Table("#", "Resident", "Grams of CO2e saved", title=title, title_justify="left")
    table.columns[2].justify = "right"
    for place in board["top"][:_TOP]:
        style = "bold" if place["is_me"] else ""
        table.add_row(str(place["position"]), place["nickname"], f"{place['grams']:,}", style=style)
    console.print(table)


def tell_redemption(redemption: dict[str, Any]) -> None:
    """Print what points were exchanged for."""
    if redemption:
        console.print(
            f"{redemption['points']} points for {redemption['name_zh']} ({redemption['name_en']}): "
            f"{redemption['state']}, code {redemption['code']}",
            highlight=False,
        )


def tell_checks(day: Day) -> bool:
    """Print what had to hold and whether it did; return whether all of it did."""
    for what, holds in day.checks:
        style, word = ("green", "holds") if holds else ("bold red", "FAILS")
        console.print(f"[{style}]{word}[/] {what}", highlight=False, soft_wrap=True)
    return all(holds for _, holds in day.checks)
