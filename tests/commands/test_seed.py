"""The base library from the command line, and the official factors as they are published."""

from pathlib import Path

import pytest

from labels.seed import library
from tests.commands.conftest import Run

pytestmark = pytest.mark.usefixtures("own_database")


def test_the_library_is_registered_once_and_says_what_it_lacks(command: Run) -> None:
    whole = len(library.categories()) + len(library.baselines()) + len(library.factors())
    first, again = command("seed"), command("seed")
    assert (first.code, again.code) == (0, 0), first.text
    assert f"0 registered, {whole} were registered before." in again.text
    assert "195 categories have a sourced baseline; 22 have none" in again.text
    assert "drink.baijiu" in again.text


@pytest.mark.real_data
def test_the_official_factors_are_those_of_the_library(command: Run, data_folder: Path) -> None:
    assert command("seed").code == 0
    done = command("import", "factors", data_folder / "factors/electricity_cn_official.csv")
    assert done.code == 0, done.text
    assert "0 registered, 101 were registered before." in done.text
