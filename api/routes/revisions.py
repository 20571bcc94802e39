"""Products are edited by who registered them, or by staff; every change stands in a history that anybody can read."""

from typing import Annotated, Any, Final

from fastapi import Path, Response

from api.audiences import Editor
from api.dependencies import Now, Session
from api.openapi import answers, example
from api.pagination import DEFAULT_LIMIT, Cursor, Limit, next_cursor
from api.principals import PartnerPrincipal
from api.registering import registration
from api.routing import router as new_router
from api.schemas.products import Registration
from api.schemas.revisions import ProductEdit, RevisionList, RevisionView
from labels import listings
from labels.edits import edit_products
from labels.errors import UnknownProductError
from labels.gtin import parse_code, require_labelled
from labels.revisions import revisions_of

router = new_router(tag="products")

_GTIN: Final = "09521234543213"
_LIST: Final[dict[str, Any]] = {
    "gtin": _GTIN,
    "revisions": [
        {
            "recorded_at": "2026-05-01T02:00:00Z",
            "changes": {"pack": ["500g", "250g"], "net_content_micro": [500_000, 250_000]},
            "organization_id": "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f",
            "name_zh": "示范茶厂",
            "name_en": "Demonstration Tea Works",
            "reason": "A smaller pack.",
        }
    ],
    "next_cursor": None,
}

Gtin = Annotated[str, Path(pattern=r"^[0-9]{8,14}$", description="8, 12, 13 or 14 digits.", examples=["9521234543213"])]


@router.patch(
    "/products/{gtin}",
    summary="Edit a product",
    openapi_extra=example({"pack": "250g", "reason": "A smaller pack."}),
    responses=answers(200, "Changed, or so already.", {"id": _GTIN, "status": "accepted"}),
)
async def edit_product(
    gtin: Gtin, body: ProductEdit, editor: Editor, session: Session, now: Now, response: Response
) -> Registration:
    """Change what is given of a product that your organization registered; staff may change any.

    A new pack size or category is read again for the content of one unit, unless that is given too.
    """
    key = require_labelled(parse_code(gtin))
    if await listings.product(session, key) is None:
        raise UnknownProductError(f"No product is registered under {key}.")
    by_id = editor.organization_id if isinstance(editor, PartnerPrincipal) else None
    (result,) = await edit_products(
        session, [body.as_edit(key, by_id)], actor=editor.label, reason=body.reason, now=now
    )
    return registration(result, response)


@router.get(
    "/products/{gtin}/revisions",
    summary="List the changes of a product",
    responses=answers(200, "Newest first.", _LIST),
)
async def list_revisions(
    gtin: Gtin, session: Session, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> RevisionList:
    """List what was changed in a product after it was registered, when, by which organization, and why."""
    key = require_labelled(parse_code(gtin))
    if await listings.product(session, key) is None:
        raise UnknownProductError(f"No product is registered under {key}.")
    found = await revisions_of(session, key, before=cursor, limit=limit)
    cursor_after = next_cursor([each.id for each in found], limit)
    return RevisionList(gtin=key, revisions=[RevisionView.of(each) for each in found], next_cursor=cursor_after)
