from commands.door import completed
from core import clock
from core.redis import redis
from points.leaderboards.boards import Board, Period, board_key, span_of
from points.programmes.tables import Programme
from tests.commands.conftest import Run


def test_boards_that_were_lost_are_there_again(command: Run, programme: Programme) -> None:
    span = span_of(Period.WEEK, clock.now(), programme.time_zone)
    built = f"{board_key(programme.programme_id, Board.RESIDENTS, span)}:built"

    async def standing() -> int:
        return int(await redis().exists(built))

    async def lose() -> None:
        await redis().delete(built)

    assert command("rebuild-leaderboards", "--programme", programme.slug).code == 0
    completed(lose)
    assert completed(standing) == 0
    done = command("rebuild-leaderboards", "--programme", programme.slug)
    assert (done.code, done.text) == (0, f"{programme.slug}: 4 boards rebuilt.")
    assert completed(standing) == 1
