"""What happens on the demonstration's day, act by act, over HTTP. Each act checks what it is there to show."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from commands.demo import city
from commands.demo.cast import Cast, Citizen
from commands.demo.client import AT_ONCE, Answer, Call, Service
from core import clock
from core.clock import local_day

_OK: Final = (200, 201)
_CREATED: Final = 201
_BATCH: Final = 200
_ANONYMOUS_SHARE: Final = 0.1
_LONGEST_AGO: Final = timedelta(hours=8)
_EACH_NOW: Final = 3
"""Each third line is rung up right now, when the campaign has begun; it does not reach back to the others."""

Line = dict[str, Any]


@dataclass(slots=True)
class Day:
    """The day so far: who acts, what was seen, and whether it was as it has to be."""

    service: Service
    cast: Cast
    run: str
    dice: Random
    now: datetime
    reasons: Counter[str] = field(default_factory=Counter)
    credited: int = 0
    grams: int = 0
    points: int = 0
    receipts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What was credited today, by member code."""
    checks: list[tuple[str, bool]] = field(default_factory=list)

    def check(self, what: str, *, holds: bool) -> None:
        """Note whether something is as it has to be."""
        self.checks.append((what, holds))

    def count(self, result: dict[str, Any], member_code: str | None) -> None:
        """Count what became of one scan or sale."""
        receipt = result["receipt"]
        if result["held"] is not None:
            self.reasons[result["held"]["rule"]] += 1
        elif receipt is None:
            self.reasons[result["refusal"]["reason"]] += 1
        elif not receipt["replayed"]:
            self.credited += 1
            self.grams += receipt["grams"]
            self.points += receipt["points"]
            self.receipts.setdefault(member_code or "", []).append(receipt)


def moment_of_today(day: Day) -> str:
    """Return a time of today in the city, at most eight hours ago."""
    moment = day.now - timedelta(seconds=day.dice.randrange(1, int(_LONGEST_AGO.total_seconds())))
    if local_day(moment, city.TIME_ZONE) != local_day(day.now, city.TIME_ZONE):
        moment = day.now
    return moment.isoformat()


async def open_campaign(day: Day) -> None:
    """The operator opens a campaign: dairy counts twice from now on, for a day."""
    body = {
        "name_zh": "低碳早餐日",
        "name_en": "Low-carbon breakfast day",
        "starts_at": day.now.isoformat(),
        "ends_at": (day.now + timedelta(days=1)).isoformat(),
        "rule": {"type": "multiply", "multiplier_bp": 20_000, "conditions": {"category_id": city.DAIRY}},
        "funded_points": 50_000,
    }
    answer = await day.service.post(Call("/v1/campaigns", day.cast.operator, body))
    day.check("A campaign is opened and funded", holds=answer.status == _CREATED)


async def label_a_product(day: Day) -> None:
    """The maker registers a product and its footprint, and the certifier a certificate for it."""
    new = city.NEWCOMER
    product = {"gtin": new.gtin, "name_zh": new.name_zh, "name_en": new.name_en, "brand": "示范"}
    answers = [
        await day.service.post(
            Call("/v1/products", day.cast.maker, product | {"category_id": new.category_id, "pack": new.pack})
        )
    ]
    footprint = {
        "gtin": new.gtin,
        "milligrams_per_unit": new.milligrams,
        "functional_unit": "kg",
        "boundary": new.boundary,
        "standard": city.STANDARD,
        "region": city.REGION,
        "valid_from": city.VALID_FROM.isoformat(),
    }
    answers.append(await day.service.post(Call("/v1/footprints", day.cast.maker, footprint)))
    certificate = {
        "number": f"{city.SCHEME}-{new.gtin}",
        "scheme": city.SCHEME,
        "kind": "carbon_label",
        "gtin": new.gtin,
        "footprint_id": answers[-1].body["id"],
        "valid_from": city.VALID_FROM.isoformat(),
        "valid_until": new.expires_on.isoformat(),
    }
    answers.append(await day.service.post(Call("/v1/certificates", day.cast.certifier, certificate)))
    page = await day.service.get(f"/v1/products/{new.gtin}")
    holds = all(each.status in _OK for each in answers) and page.body["potential"] is not None
    day.check("A maker and a certifier label a product; its public page says what it saves", holds=holds)


async def scan_around(day: Day) -> None:
    """Everybody scans a few things on the shelf."""
    shelf = [each.gtin for each in (*city.PRODUCTS, city.NEWCOMER, city.EXPIRED, city.TO_THE_GATE)]
    codes = [*shelf, city.UNLABELLED.gtin, f"https://id.gs1.org/01/{city.PRODUCTS[0].gtin.zfill(14)}"]
    who = [(citizen, code) for citizen in day.cast.citizens for code in day.dice.sample(codes, 3)]
    answers = await day.service.post_all([_scan(citizen, code) for citizen, code in who])
    for (citizen, _), answer in zip(who, answers, strict=True):
        day.count(answer.body, citizen.member_code)
    day.check("Every scan gets a receipt or a reason", holds=all(each.status in _OK for each in answers))


async def scan_at_once(day: Day) -> None:
    """One resident's phone sends the same scan 64 times at once."""
    citizen = day.cast.citizens[0]
    answers = await day.service.post_all([_scan(citizen, city.NEWCOMER.gtin)] * AT_ONCE)
    for answer in answers:
        day.count(answer.body, citizen.member_code)
    told = {_receipt_id(each.body) for each in answers}
    day.check(f"{AT_ONCE} identical scans at once are credited once", holds=_fresh(answers) <= 1 and len(told) == 1)


def _scan(citizen: Citizen, code: str) -> Call:
    return Call("/v1/scans", citizen.token, {"code": code})


def _receipt_id(result: dict[str, Any]) -> str | None:
    """Return which receipt a result names; None where a guard of the city held it."""
    receipt = result["receipt"]
    return None if receipt is None else str(receipt["receipt_id"])


def _fresh(answers: Sequence[Answer]) -> int:
    """Return how many of these scans were credited now."""
    receipts = [each.body["receipt"] for each in answers]
    return sum(each is not None and not each["replayed"] for each in receipts)


async def sell(day: Day) -> None:
    """The shops send the day's sales, and one of them, unsure whether they arrived, sends all of its own again."""
    for shop, key in day.cast.shops.items():
        lines = [_line(day, shop, number) for number in range(1, len(day.cast.citizens) + 1)]
        for line in lines[::_EACH_NOW]:
            line["sold_at"] = day.now.isoformat()
        batches = [lines[start : start + _BATCH] for start in range(0, len(lines), _BATCH)]
        for batch in batches:
            await _report(day, key, batch)
    paid = any(each["awards"] for receipts in day.receipts.values() for each in receipts)
    day.check("The campaign pays for dairy that is sold from its start on", holds=paid)
    before = day.credited
    again = [await _report(day, key, batch) for batch in batches]
    replayed = sum(each["receipt"] is not None and each["receipt"]["replayed"] for result in again for each in result)
    day.check("Sales sent again are credited no second time", holds=day.credited == before and replayed > 0)


async def sell_at_once(day: Day) -> None:
    """A till that got no answer sends one sale 64 times at once; then somebody changes its quantity."""
    shop, key = next(iter(day.cast.shops.items()))
    line = _line(day, shop, 1) | {"receipt": f"{day.run}-storm", "member_code": day.cast.citizens[1].member_code}
    line |= {"code": city.PRODUCTS[0].gtin, "quantity": 1}
    answers = await day.service.post_all([Call("/v1/sales", key, {"lines": [line]})] * AT_ONCE)
    results = [answer.body["results"][0] for answer in answers]
    for result in results:
        day.count(result, line["member_code"])
    fresh = sum(each["receipt"] is not None and not each["receipt"]["replayed"] for each in results)
    day.check(f"{AT_ONCE} identical sales at once are credited once", holds=fresh == 1)
    [changed] = await _report(day, key, [line | {"quantity": 2}])
    day.check(
        "The same sale with another quantity is refused",
        holds=changed["refusal"] is not None and changed["refusal"]["reason"] == "reported_differently",
    )


async def refuse(day: Day) -> None:
    """Everything that earns nothing, each with its reason."""
    shop, key = next(iter(day.cast.shops.items()))
    wanted: dict[str, Line] = {
        "returns_not_accepted": {"quantity": -1},
        "certificate_not_valid": {"code": city.EXPIRED.gtin},
        "not_comparable": {"code": city.TO_THE_GATE.gtin},
        "no_certificate": {"code": city.UNLABELLED.gtin},
        "unknown_product": {"code": city.UNREGISTERED},
        "invalid_code": {"code": city.WRONG_CHECK_DIGIT},
        "anonymous": {"member_code": None},
        "unknown_member": {"member_code": "222222222222"},
    }
    usual = {"code": city.PRODUCTS[0].gtin, "quantity": 1, "member_code": day.cast.citizens[2].member_code}
    lines = [
        _line(day, shop, number) | {"receipt": f"{day.run}-refused"} | usual | change
        for number, change in enumerate(wanted.values(), start=1)
    ]
    results = await _report(day, key, lines)
    got = [each["refusal"] and each["refusal"]["reason"] for each in results]
    day.check("A return, an expired certificate and six more are refused with reasons", holds=got == list(wanted))


def _line(day: Day, shop: str, number: int) -> Line:
    citizen = day.dice.choice(day.cast.citizens)
    anonymous = day.dice.random() < _ANONYMOUS_SHARE
    return {
        "receipt": f"{day.run}-{shop}"[:100],
        "line": number,
        "member_code": None if anonymous else citizen.member_code,
        "code": day.dice.choice(city.PRODUCTS).gtin,
        "quantity": day.dice.choice((1, 1, 1, 2, 2, 3)),
        "sold_at": moment_of_today(day),
    }


async def _report(day: Day, key: str, lines: Sequence[Line]) -> list[dict[str, Any]]:
    answer = await day.service.post(Call("/v1/sales", key, {"lines": list(lines)}))
    results: list[dict[str, Any]] = answer.body["results"]
    for line, result in zip(lines, results, strict=True):
        day.count(result, line["member_code"])
    return results


def now_of(run: str, service: Service, cast: Cast) -> Day:
    """Return a day that begins now; the same run has the same luck."""
    return Day(service, cast, run, Random(run), clock.now())  # noqa: S311 - luck in a demonstration is no secret
