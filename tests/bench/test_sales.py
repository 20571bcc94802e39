import pytest

from bench.sales import HORDAK, HORDAK_ONE, PGBENCH, PLAIN, Figure, Measured, ratio, verdict

TURNS = {
    "100 lines a request, 2 API processes": [Figure(1000.0, 0.1, 0.3), Figure(3000.0, 0.2, 0.4), Figure(900.0)],
    "1,000 lines a request, 2 API processes": [Figure(500.0), Figure(500.0), Figure(9000.0)],
    f"{PLAIN} of 100 lines": [Figure(10.0), Figure(10.0), Figure(10.0)],
    PGBENCH: [Figure(500.0), Figure(1000.0), Figure(900.0)],
    HORDAK: [Figure(50.0), Figure(100.0), Figure(100.0)],
    HORDAK_ONE: [Figure(100.0), Figure(300.0), Figure(300.0)],
}
FOUND = Measured(TURNS, acknowledged=10, credited=10, differences=0, without_hordak=None)


def test_a_ratio_compares_turns_of_the_same_round_only() -> None:
    # Rounds: 2.0, 3.0 and 1.0; the medians of the rates would say 1000 / 900.
    assert ratio(TURNS, "100 lines a request, 2 API processes", PGBENCH) == pytest.approx(2.0)


def test_peers_are_none_of_ours_and_the_best_is_so_by_its_median() -> None:
    assert FOUND.ours == ["100 lines a request, 2 API processes", "1,000 lines a request, 2 API processes"]
    assert FOUND.best == "100 lines a request, 2 API processes"


def test_the_verdict_holds_the_best_against_the_goals() -> None:
    told = verdict(FOUND)
    assert "1,000 lines/s" in told
    assert "2.00 times pgbench" in told
    assert "20 times django-hordak's three transfers" in told


def test_the_verdict_says_how_a_peer_that_is_not_installed_is_had() -> None:
    turns = {name: each for name, each in TURNS.items() if name not in {HORDAK, HORDAK_ONE}}
    told = verdict(Measured(turns, 10, 10, 0, "hordak not installed; `make bench-peers` installs what it needs"))
    assert "make bench-peers" in told
