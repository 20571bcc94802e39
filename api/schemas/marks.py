"""The marks on a product, and the schemes they are given under."""

from datetime import date
from typing import Self
from uuid import UUID

from pydantic import Field

from api.schemas import Schema
from api.schemas.certificates import MarkUse, SchemeSummary
from labels.catalogue import CertificateKind
from labels.certificates import Status
from labels.certification.histories import History
from labels.certification.mark_use import Beside, Placement
from labels.certification.marks import Marks
from labels.certification.tables import Scheme


class MarkCertificate(Schema):
    """One certificate of a mark."""

    number: str
    gtin: str
    status: Status
    valid_from: date
    valid_until: date = Field(description="The first day it no longer holds.")
    certifier_name_zh: str
    certifier_name_en: str
    mark_use: MarkUse | None = Field(description="Null when the scheme's rules are not known here.")

    @classmethod
    def of(cls, history: History, day: date) -> Self:
        """Return a certificate as it is shown for `day`."""
        return cls(
            number=history.number,
            gtin=history.gtin,
            status=history.status_on(day),
            valid_from=history.valid_from,
            valid_until=history.valid_until_on(day),
            certifier_name_zh=history.certifier_name_zh,
            certifier_name_en=history.certifier_name_en,
            mark_use=MarkUse.of(history.mark_use_on(day)),
        )


class Mark(Schema):
    """A scheme's mark on the model; `status` is that of the best of its certificates."""

    kind: CertificateKind
    status: Status
    scheme: SchemeSummary
    certificates: list[MarkCertificate]


class TradeItem(Schema):
    """What the model is sold as."""

    gtin: str
    name_zh: str
    name_en: str
    pack: str


class MarkList(Schema):
    """The marks on a maker's model, whichever scheme gave them and on whichever pack; what holds comes first."""

    gtin: str
    as_of: date
    maker_id: UUID | None
    maker_name_zh: str
    maker_name_en: str
    model: str = Field(description="Empty when its maker gave none: then the marks are those of this item alone.")
    items: list[TradeItem]
    marks: list[Mark]

    @classmethod
    def of(cls, marks: Marks, day: date) -> Self:
        """Return marks as they are shown for `day`."""
        return cls(
            gtin=marks.gtin,
            as_of=day,
            maker_id=marks.maker_id,
            maker_name_zh=marks.maker_name_zh,
            maker_name_en=marks.maker_name_en,
            model=marks.model,
            items=[TradeItem.model_validate(each) for each in marks.items],
            marks=[
                Mark(
                    kind=CertificateKind(each.kind),
                    status=each.status,
                    scheme=SchemeSummary.of(each.scheme),
                    certificates=[MarkCertificate.of(history, day) for history in each.certificates],
                )
                for each in marks.marks
            ],
        )


class SchemePage(Schema):
    """A scheme: whose it is, what its mark says, and how the mark may be used."""

    id: str
    kind: CertificateKind
    name_zh: str
    name_en: str
    owner_zh: str
    owner_en: str
    region: str
    self_declared: bool
    site_check: bool = Field(description="Somebody must see the works before it is granted.")
    months_valid: int | None
    placements: list[Placement]
    must_show: list[Beside]
    rules_zh: str
    rules_en: str
    source: str
    source_row: str


class SchemeList(Schema):
    """The schemes there are, by region."""

    schemes: list[SchemePage]

    @classmethod
    def of(cls, schemes: list[Scheme]) -> Self:
        """Return schemes as they are shown."""
        return cls(schemes=[SchemePage.model_validate(each) for each in schemes])
