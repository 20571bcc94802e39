"""The service as `tanhui up` runs it, and `kill -9`."""

from pathlib import Path

import pytest

from bench.faults import VICTIMS, ordeal
from core.embedded import exported


@pytest.mark.faults
def test_killing_any_part_under_load_loses_nothing_doubles_nothing_and_leaves_the_books_clean(tmp_path: Path) -> None:
    with exported({"TANHUI_DATA_DIR": str(tmp_path)}):
        # Without files: one whose worker was killed waits minutes for the next, and test_import_faults does not.
        found = ordeal(rounds=1, say=print, files=False)
    assert found.killed == tuple(VICTIMS)
    assert min(found.acknowledged, found.sold, found.returned) > 0
    assert found.acknowledged > 100
    assert set(found.statuses) <= {"201", "200", "409", "503", "ConnectError", "ReadError", "RemoteProtocolError"}
    assert (found.lost, found.doubled, found.unasked, found.audit) == (0, 0, 0, "")
    assert (found.unfinished, found.wrong) == ((), ())
    assert found.clean
