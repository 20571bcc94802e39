"""The `tanhui` command: one line a command; what each does is in commands/."""

import sys

import typer
from rich.console import Console
from rich.text import Text

from commands import bench, imports, partners, programmes, staff
from commands.audit import audit
from commands.demo.run import demo
from commands.leaderboards import rebuild_leaderboards
from commands.migrate import migrate
from commands.replay import replay_sales
from commands.seed import seed
from commands.signing_keys import rotate_signing_key
from commands.up import up
from core.errors import OperatorError
from labels.errors import LabelsError
from points.errors import PointsError

app = typer.Typer(
    name="tanhui",
    help="Tanhui (碳惠): the backend of a consumer carbon-inclusion programme.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.command("up")(up)
app.command("migrate")(migrate)
app.command("demo")(demo)
app.command("seed")(seed)
app.command("audit")(audit)
app.command("rebuild-leaderboards")(rebuild_leaderboards)
app.command("rotate-signing-key")(rotate_signing_key)
app.command("replay")(replay_sales)
app.add_typer(imports.app, name="import")
app.add_typer(bench.app, name="bench")
app.add_typer(programmes.app, name="programmes")
app.add_typer(staff.app, name="staff")
app.add_typer(partners.app, name="partners")


def main() -> None:
    """Run the command that the command line asks for; what an operator can put right is a message, not a traceback."""
    try:
        app()
    except (OperatorError, LabelsError, PointsError) as error:
        Console(stderr=True).print(Text("Error: ", style="bold red").append(str(error), style="default"))
        sys.exit(1)


if __name__ == "__main__":
    main()
