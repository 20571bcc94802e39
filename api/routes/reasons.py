"""The texts for what an answer names by a stable name, so that every app says the same."""

from typing import Final

from api.openapi import answers
from api.routing import router as new_router
from api.schemas.reasons import ReasonTexts

router = new_router(tag="earning")

_TEXTS: Final = ReasonTexts.all()
_SHOWN: Final = {"reasons": [each.model_dump() for each in _TEXTS.reasons[:1]]}


@router.get("/reasons", summary="What does a reason mean?", responses=answers(200, "Every reason.", _SHOWN))
async def list_reasons() -> ReasonTexts:
    """List every reason nothing was credited, every rule that may stop an activity, and every cut of a receipt.

    Each has a name and what to do about it, in Chinese and English. Fetch them once a day.
    """
    return _TEXTS
