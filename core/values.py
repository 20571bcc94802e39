"""Values that are made by the dozen for each line of a sale, frozen for the type checker only.

To set a field of a frozen dataclass costs ten times as much as of any other, and of a credit's time to make its values
was an eighth. The type checker refuses whoever changes one, everywhere in the tree; it need not be refused again at run
time, in the few classes that this is worth it for.
"""

from dataclasses import field, fields, make_dataclass
from typing import Any, Final, TypeVar, cast

Value = TypeVar("Value")

_GUARDS: Final = ("__setattr__", "__delattr__")
_CHECK: Final = "__post_init__"


def unguarded(value: type[Value]) -> type[Value]:
    """Return a frozen dataclass without its guards, made as a dataclass that is not frozen is made.

    It is hashed, compared, copied and matched as before.
    """
    for guard in _GUARDS:
        type.__delattr__(value, guard)
    columns = [
        (each.name, each.type, field(default=each.default, default_factory=each.default_factory))
        for each in fields(cast("Any", value))
    ]
    checks = {_CHECK: vars(value)[_CHECK]} if _CHECK in vars(value) else {}
    plain = make_dataclass(value.__name__, columns, namespace=checks)
    type.__setattr__(value, "__init__", vars(plain)["__init__"])
    return value
