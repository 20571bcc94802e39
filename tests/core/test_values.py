"""Values that are made by the dozen for each line of a sale."""

import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest

from core.values import unguarded


@unguarded
@dataclass(frozen=True, slots=True, order=True)
class Parcel:
    """A value with everything that a dataclass can have."""

    weight: int
    tags: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list, compare=False)

    def __post_init__(self) -> None:
        if self.weight <= 0:
            raise ValueError("A parcel weighs something.")


@dataclass(frozen=True, slots=True)
class Guarded:
    """The same, as dataclasses come."""

    weight: int


def test_a_value_is_made_compared_hashed_ordered_shown_copied_and_pickled_as_before() -> None:
    parcel = Parcel(3, tags=("a",))

    assert parcel == Parcel(weight=3, tags=("a",), notes=["b"])
    assert hash(parcel) == hash(Parcel(3, ("a",)))
    assert parcel < Parcel(4)
    assert repr(parcel) == "Parcel(weight=3, tags=('a',), notes=[])"
    assert replace(parcel, weight=5) == Parcel(5, ("a",))
    assert pickle.loads(pickle.dumps(parcel)) == parcel
    assert [each.name for each in fields(parcel)] == ["weight", "tags", "notes"]


def test_values_do_not_share_what_a_factory_makes() -> None:
    assert Parcel(1).notes is not Parcel(1).notes


def test_a_value_is_still_checked_as_it_is_made() -> None:
    with pytest.raises(ValueError, match="weighs something"):
        Parcel(0)


def test_what_is_left_out_is_the_guard_at_run_time() -> None:
    with pytest.raises(FrozenInstanceError):
        Guarded(1).weight = 2  # type: ignore[misc]  # what the type checker refuses in both
    parcel = Parcel(1)
    parcel.weight = 2  # type: ignore[misc]  # as above
    assert parcel.weight == 2
