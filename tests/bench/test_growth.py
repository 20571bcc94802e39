from bench.growth import fresh


def test_the_fresh_database_lies_on_the_same_server() -> None:
    assert fresh("postgresql://tanhui@/tanhui?host=%2Ftmp%2Fpg") == "postgresql://tanhui@/fresh?host=%2Ftmp%2Fpg"
