"""The marks on a product in one view, and the schemes they are given under: for anybody."""

from typing import Annotated, Any, Final

from fastapi import Path, Request, Response

from api.dependencies import Now, Session
from api.etags import tagged
from api.openapi import answers
from api.routes.certificates import TIME_ZONE, On
from api.routing import router as new_router
from api.schemas.marks import MarkList, SchemeList
from core.clock import local_day
from labels.certification.marks import marks_of
from labels.certification.schemes import schemes
from labels.errors import UnknownProductError
from labels.gtin import parse_code, require_labelled

router = new_router(tag="products")

_SCHEME: Final[dict[str, Any]] = {
    "id": "cn.low_carbon",
    "name_zh": "低碳产品认证",
    "name_en": "China low-carbon product certification",
    "owner_zh": "国家认证认可监督管理委员会",
    "owner_en": "Certification and Accreditation Administration of China (CNCA)",
    "region": "CN",
    "self_declared": False,
}
_RULES: Final[dict[str, Any]] = {
    "placements": ["product", "packaging", "advertising", "documents"],
    "must_show": ["certifier"],
    "rules_zh": "可在产品或者其包装物、广告、产品介绍等宣传材料中正确标注和使用认证标志。",
    "rules_en": "It may be shown on the product or its packaging, in advertising and product introductions.",
}
_MARKS: Final[dict[str, Any]] = {
    "gtin": "09521234543213",
    "as_of": "2026-05-01",
    "maker_id": None,
    "maker_name_zh": "",
    "maker_name_en": "",
    "model": "",
    "items": [
        {"gtin": "09521234543213", "name_zh": "示范乌龙茶", "name_en": "Demonstration oolong tea", "pack": "33克*30"}
    ],
    "marks": [
        {
            "kind": "low_carbon",
            "status": "valid",
            "scheme": _SCHEME,
            "certificates": [
                {
                    "number": "CL-2026-000123",
                    "gtin": "09521234543213",
                    "status": "valid",
                    "valid_from": "2026-01-01",
                    "valid_until": "2029-01-01",
                    "certifier_name_zh": "示范认证机构",
                    "certifier_name_en": "Demonstration Certification",
                    "mark_use": _RULES
                    | {
                        "allowed": True,
                        "until": "2029-01-01",
                        "reason_zh": "证书有效，标识可使用至 2029-01-01 前。",
                        "reason_en": "The certificate is valid; the mark may be shown before 2029-01-01.",
                        "source": "节能低碳产品认证管理办法, AQSIQ and NDRC, Order 168 of 2015",
                    },
                }
            ],
        }
    ],
}


@router.get(
    "/products/{gtin}/marks",
    summary="Show the marks on a product",
    response_model=MarkList,
    responses={
        **answers(200, "The marks of its maker's model, as of the day.", _MARKS),
        304: {"description": "They are still as the ETag in `If-None-Match` says."},
    },
)
async def list_marks(
    gtin: Annotated[
        str, Path(pattern=r"^[0-9]{8,14}$", description="8, 12, 13 or 14 digits.", examples=["9521234543213"])
    ],
    request: Request,
    session: Session,
    now: Now,
    on: On = None,
) -> Response:
    """Show every mark on a product and on other packs of the same model by its maker, and how each may be used."""
    key = require_labelled(parse_code(gtin))
    day = on or local_day(now, TIME_ZONE)
    found = await marks_of(session, key, day)
    if found is None:
        raise UnknownProductError(f"No product is registered under {key}.")
    return tagged(request, MarkList.of(found, day))


@router.get(
    "/schemes",
    summary="List the schemes",
    response_model=SchemeList,
    responses=answers(
        200,
        "Every scheme, by region.",
        {
            "schemes": [
                _SCHEME
                | _RULES
                | {
                    "kind": "low_carbon",
                    "site_check": True,
                    "months_valid": 36,
                    "source": "节能低碳产品认证管理办法, AQSIQ and NDRC, Order 168 of 2015",
                    "source_row": "第二十五条, 第二十七条至第二十九条",
                }
            ]
        },
    ),
)
async def list_schemes(request: Request, session: Session) -> Response:
    """List the schemes of certification, whose they are, and where and how each mark may be used."""
    return tagged(request, SchemeList.of(list(await schemes(session))))
