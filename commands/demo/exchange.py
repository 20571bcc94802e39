"""The second half of the demonstration's day: points become rewards, and residents look at what they have."""

import asyncio
from typing import Any, Final

from commands.demo.acts import Day
from commands.demo.cast import Citizen
from commands.demo.client import AT_ONCE, Call

_CREATED: Final = 201
_CONFLICT: Final = 409
_PRICE: Final = 5
_PATIENCE_SECONDS: Final = 10


async def race(day: Day) -> None:
    """64 residents want the last voucher at the same moment."""
    reward = await _last_voucher(day)
    runners = wealthy(day)[:AT_ONCE]
    before = await _points(day, runners)
    answers = await day.service.post_all([Call("/v1/redemptions", one.token, {"reward_id": reward}) for one in runners])
    after = await _points(day, runners)
    won = sum(each.status == _CREATED for each in answers)
    told = sum(each.status == _CONFLICT for each in answers)
    day.check(f"Of {len(runners)} after the last voucher one gets it and the others are told", holds=won == 1)
    day.check("... and nobody else loses a point", holds=told == len(runners) - 1 and before - after == _PRICE)


async def _last_voucher(day: Day) -> str:
    body = {"name_zh": f"植树纪念章 {day.run}", "name_en": f"Tree medal {day.run}", "points": _PRICE}
    made = await day.service.post(Call("/v1/rewards", day.cast.operator, body))
    reward: str = made.body["reward_id"]
    path = f"/v1/rewards/{reward}/vouchers"
    await day.service.post(Call(path, day.cast.operator, {"codes": [f"MEDAL-{day.run}"]}))
    return reward


async def _points(day: Day, citizens: list[Citizen]) -> int:
    answers = await asyncio.gather(*(day.service.get("/v1/me/balance", each.token) for each in citizens))
    return sum(each.body["available_points"] for each in answers)


def wealthy(day: Day) -> list[Citizen]:
    """Return the residents by the points they got today, most first."""
    got = {code: sum(each["points"] for each in receipts) for code, receipts in day.receipts.items()}
    rich = [each for each in day.cast.citizens if got.get(each.member_code, 0) >= _PRICE]
    return sorted(rich, key=lambda each: -got[each.member_code])


async def redeem(day: Day, citizen: Citizen) -> dict[str, Any]:
    """Exchange points for the cheapest reward that can be had; return the redemption with its reward's name."""
    rewards = (await day.service.get("/v1/rewards", citizen.token)).body["rewards"]
    balance = (await day.service.get("/v1/me/balance", citizen.token)).body
    affordable = [one for one in rewards if one["stock"] and _PRICE < one["points"] <= balance["available_points"]]
    if not affordable:
        day.check("Points are exchanged for a reward", holds=False)
        return {}
    answer = await day.service.post(Call("/v1/redemptions", citizen.token, {"reward_id": affordable[0]["reward_id"]}))
    day.check("Points are exchanged for a reward", holds=answer.status == _CREATED and bool(answer.body["code"]))
    redemption: dict[str, Any] = {**affordable[0], **answer.body}
    return redemption


async def receipt(day: Day, citizen: Citizen) -> dict[str, Any]:
    """Return the citizen's best receipt of today, explained; one that a campaign paid for if there is one."""
    best = max(day.receipts[citizen.member_code], key=lambda each: (bool(each["awards"]), each["grams"]))
    explained: dict[str, Any] = (await day.service.get(f"/v1/me/receipts/{best['receipt_id']}", citizen.token)).body
    day.check("A receipt explains itself step by step", holds=len(explained["steps"]) > 1)
    return explained


async def board(day: Day, citizen: Citizen) -> dict[str, Any]:
    """Return this week's board, once it knows what the citizen saved today: at most a few seconds later."""
    gained = sum(each["grams"] for each in day.receipts[citizen.member_code])
    shown: dict[str, Any] = {}
    for _ in range(_PATIENCE_SECONDS):
        shown = (await day.service.get("/v1/leaderboards/residents?period=week", citizen.token)).body
        if shown["mine"] is not None and shown["mine"]["grams"] >= gained:
            break
        await asyncio.sleep(1)
    mine = shown["mine"]
    day.check("The board knows of today", holds=mine is not None and mine["grams"] >= gained)
    return shown
