"""The texts that an app shows for what it was answered."""

from typing import Literal, Self

from pydantic import Field

from api.schemas import Schema
from points.earning.guards.wording import WORDINGS
from points.earning.reasons import CUTS, REASONS
from points.earning.remedies import REMEDIES


class ReasonText(Schema):
    """What a reason means and what to do about it, in Chinese and English."""

    code: str = Field(description="The stable name, as answers have it.")
    about: Literal["refusal", "rule", "cut"] = Field(
        description="Where it stands: `reason` of a refusal or of a product's `obstacle`, `rule` of what is held or "
        "refused by a guard, `cuts` of a receipt."
    )
    name_zh: str
    name_en: str
    todo_zh: str
    todo_en: str


class ReasonTexts(Schema):
    """Every reason there is. Later versions may have more: show `detail` of what is not among them."""

    reasons: list[ReasonText]

    @classmethod
    def all(cls) -> Self:
        """Return the texts of every reason, rule and cut, in that order."""
        return cls(reasons=[*_refusals(), *_rules(), *_cuts()])


def _refusals() -> list[ReasonText]:
    return [
        ReasonText(code=reason, about="refusal", name_zh=zh, name_en=en, todo_zh=todo.zh, todo_en=todo.en)
        for reason, (zh, en) in REASONS.items()
        for todo in (REMEDIES[reason],)
    ]


def _rules() -> list[ReasonText]:
    return [
        ReasonText(
            code=rule,
            about="rule",
            name_zh=words.found_zh,
            name_en=words.found_en,
            todo_zh=words.todo_zh,
            todo_en=words.todo_en,
        )
        for rule, words in WORDINGS.items()
    ]


def _cuts() -> list[ReasonText]:
    return [
        ReasonText(code=cut, about="cut", name_zh=zh, name_en=en, todo_zh=todo.zh, todo_en=todo.en)
        for cut, (zh, en, todo) in CUTS.items()
    ]
