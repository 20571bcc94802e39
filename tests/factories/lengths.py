"""How long machines and races run: short in the suite, as long as wanted where the environment says so."""

import os

from hypothesis import HealthCheck, settings

_STEPS = "TANHUI_MACHINE_STEPS"
_ROUNDS = "TANHUI_RACER_ROUNDS"
_STORMS = "TANHUI_STORM_ROUNDS"
_STEPS_OF_ONE = 50
"""Steps of a machine before it starts again with nothing: enough for debts to be made, paid and made again."""


def machine_settings(default: int = 400) -> settings:
    """Return settings with which a state machine does about `TANHUI_MACHINE_STEPS` steps, `default` if it is unset."""
    steps = int(os.environ.get(_STEPS, str(default)))
    return settings(
        max_examples=max(1, steps // _STEPS_OF_ONE),
        stateful_step_count=_STEPS_OF_ONE,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def racer_rounds(default: int = 20) -> int:
    """Return how often each race is run: `TANHUI_RACER_ROUNDS`, `default` if it is unset."""
    return int(os.environ.get(_ROUNDS, str(default)))


def storm_rounds(default: int = 10) -> int:
    """Return how many histories of each length are told: `TANHUI_STORM_ROUNDS`, `default` if it is unset."""
    return int(os.environ.get(_STORMS, str(default)))
