"""Evidence as it is kept with a review, and back. Pure."""

from typing import Any, Final, get_args

from pydantic import TypeAdapter

from points.earning.activities import Evidence

_ADAPTERS: Final[dict[str, TypeAdapter[Any]]] = {
    each.__name__.lower(): TypeAdapter(each) for each in get_args(Evidence)
}
"""By the stored name of a kind of evidence: to rename one of these classes is to rewrite what is stored."""
_KIND: Final = "type"


def stored(evidence: Evidence) -> dict[str, Any]:
    """Return evidence as JSON values, with the name of its kind."""
    kind = type(evidence).__name__.lower()
    values: dict[str, Any] = _ADAPTERS[kind].dump_python(evidence, mode="json")
    return {_KIND: kind, **values}


def restored(values: dict[str, Any]) -> Evidence:
    """Return the evidence that `stored` made these values of."""
    evidence: Evidence = _ADAPTERS[values[_KIND]].validate_python(
        {name: value for name, value in values.items() if name != _KIND}
    )
    return evidence
