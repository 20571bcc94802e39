"""One process of the comparison with django-hordak, in a program of its own: Django is set up once and for all.

Run as `python -m bench.hordak.transferring ROLE SOCKETS DATABASE prepare`, or `... run START SECONDS TRANSFERS`, which
prints the activities a second when one activity is that many transfers. Ours moves grams and points from two budgets:
three postings; the receipt, the lot, the claim and the day's totals are not asked of it.
"""

import random
import sys
import time
from typing import Final

import django
from django.conf import settings

_ACCOUNTS: Final = 500
_ISSUED: Final = "issued"


def _set_up(role: str, sockets: str, database: str) -> None:
    place = {"ENGINE": "django.db.backends.postgresql", "NAME": database, "USER": role, "HOST": sockets}
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "djmoney", "hordak"],
        DATABASES={"default": place | {"CONN_MAX_AGE": None}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        DEFAULT_CURRENCY="CNY",
        CURRENCIES=("CNY",),
    )
    django.setup()


def _prepare() -> None:
    """Make the tables, the account that pays and the residents' accounts."""
    from django.core.management import call_command  # noqa: PLC0415 - needs Django set up
    from hordak.models import Account, AccountType  # noqa: PLC0415 - the same

    call_command("migrate", verbosity=0)
    Account.objects.create(name=_ISSUED, code="1", type=AccountType.income, currencies=["CNY"])
    for number in range(_ACCOUNTS):
        Account.objects.create(
            name=f"resident {number}", code=str(1000 + number), type=AccountType.liability, currencies=["CNY"]
        )


def _run(start: float, seconds: float, transfers: int) -> float:
    """Transfer from `start` (of the monotonic clock) on, `transfers` at a time; return how many times a second."""
    from django.db.transaction import atomic  # noqa: PLC0415 - needs Django set up
    from hordak.models import Account  # noqa: PLC0415 - the same
    from moneyed import Money  # noqa: PLC0415 - the same

    issued = Account.objects.get(name=_ISSUED)
    residents = list(Account.objects.exclude(name=_ISSUED))
    time.sleep(max(0.0, start - time.monotonic()))
    begun, done = time.monotonic(), 0
    while time.monotonic() < begun + seconds:
        resident = random.choice(residents)  # noqa: S311 - load, not secrets
        with atomic():
            for _ in range(transfers):
                issued.transfer_to(resident, Money(150, "CNY"))
        done += 1
    return done / (time.monotonic() - begun)


def main(arguments: list[str]) -> None:
    """Prepare or run."""
    role, sockets, database, verb, *rest = arguments
    _set_up(role, sockets, database)
    if verb == "prepare":
        _prepare()
    else:
        print(_run(float(rest[0]), float(rest[1]), int(rest[2])))


if __name__ == "__main__":
    main(sys.argv[1:])
