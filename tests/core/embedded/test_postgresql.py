"""Setting PostgreSQL up."""

from pathlib import Path

from core.embedded import (
    servers,
)


def test_a_set_up_that_was_cut_short_is_begun_again(tmp_path: Path) -> None:
    draft = tmp_path / "postgresql.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    with servers(tmp_path, with_redis=False) as found:
        assert found.children[0].running
    assert not draft.exists()
