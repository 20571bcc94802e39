from commands.door import completed
from core.db import transaction
from core.errors import OperatorError
from core.ids import new_id
from points import ledger
from points.programmes.queries import programme_by_slug
from points.programmes.tables import Programme
from tests.commands.conftest import Run


def _left(slug: str) -> int:
    async def work() -> int:
        async with transaction() as session:
            found = await programme_by_slug(session, slug)
            return await ledger.budget_left(session, found.programme_id, found.base_budget_id)

    return completed(work)


def test_a_programme_set_up_from_the_command_line_can_be_funded_once_under_a_key(
    command: Run, programme: Programme
) -> None:
    slug = f"city-{new_id().hex}"
    added = command("programmes", "add", slug, "--name-zh", "城", "--name-en", "City", "--points-per-tonne", 10_000)
    assert added.code == 0, added
    for _ in range(2):
        assert command("programmes", "fund", slug, "--points", 500, "--key", "2026/1").code == 0
    assert _left(slug) == 500


def test_a_key_used_for_another_amount_is_refused(command: Run, programme: Programme) -> None:
    before = _left(programme.slug)
    assert command("programmes", "fund", programme.slug, "--points", 7, "--key", "k").code == 0
    done = command("programmes", "fund", programme.slug, "--points", 8, "--key", "k")
    assert isinstance(done.error, OperatorError)
    assert _left(programme.slug) == before + 7


def test_a_slug_that_is_taken_and_a_time_zone_that_is_none_are_refused(command: Run, programme: Programme) -> None:
    names = ("--name-zh", "城", "--name-en", "City", "--points-per-tonne", 1)
    assert programme.slug in str(command("programmes", "add", programme.slug, *names).error)
    nowhere = command("programmes", "add", f"x-{new_id().hex}", *names, "--time-zone", "Mars/Base")
    assert "time_zone" in str(nowhere.error)
