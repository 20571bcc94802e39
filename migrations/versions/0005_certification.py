"""Keep schemes, applications, renewals, what footprints disclose, and every change of a product.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: None = None
depends_on: None = None

_APPEND_ONLY = (
    "application_step",
    "footprint_disclosure",
    "footprint_stage",
    "product_revision",
)
_AMOUNTS = (
    "fossil_mg",
    "land_use_change_mg",
    "land_management_mg",
    "biogenic_non_co2_mg",
    "biogenic_uptake_mg",
    "land_removals_mg",
    "technological_removals_mg",
)
_PARTS = ("aircraft_mg", "packaging_mg", "fossil_carbon_mg", "biogenic_carbon_mg")

_NATIONAL_PLACES = ["product", "packaging", "advertising"]
_SCHEMES = (
    {
        "id": "cn.carbon_footprint",
        "kind": "carbon_label",
        "name_zh": "产品碳足迹标识认证",
        "name_en": "China product carbon footprint mark",
        "owner_zh": "国家认证认可监督管理委员会",
        "owner_en": "Certification and Accreditation Administration of China (CNCA)",
        "region": "CN",
        "self_declared": False,
        "site_check": True,
        "months_valid": None,
        "placements": _NATIONAL_PLACES,
        "must_show": ["figure", "certificate_number"],
        "rules_zh": "获证后可在产品或包装物、广告等位置标注标识，并以数字标明碳足迹量化结果。"
        "国家标识为官方图案，不得仿制或改动。",
        "rules_en": "Once certified, it may stand on the product or its packaging and in advertising, with the "
        "footprint as a figure. The national mark is an official picture: never imitated or changed.",
        "source": "产品碳足迹标识认证通用实施规则(试行), CNCA, 2025-03; "
        "关于加快建立产品碳足迹管理体系的意见, NDRC, 2023-11",
        "source_row": "标识样式及管理要求；建立产品碳标识认证制度",
    },
    {
        "id": "cn.low_carbon",
        "kind": "low_carbon",
        "name_zh": "低碳产品认证",
        "name_en": "China low-carbon product certification",
        "owner_zh": "国家认证认可监督管理委员会",
        "owner_en": "Certification and Accreditation Administration of China (CNCA)",
        "region": "CN",
        "self_declared": False,
        "site_check": True,
        "months_valid": 36,
        "placements": ["product", "packaging", "advertising", "documents"],
        "must_show": ["certifier"],
        "rules_zh": "可在产品或者其包装物、广告、产品介绍等宣传材料中正确标注和使用认证标志，并如实记录使用情况。"
        "不得伪造、变造、冒用、非法买卖和转让。",
        "rules_en": "It may be shown on the product or its packaging, in advertising and product introductions; its "
        "use is recorded. It may not be forged, altered, used without right, sold or passed on.",
        "source": "节能低碳产品认证管理办法, AQSIQ and NDRC, Order 168 of 2015",
        "source_row": "第二十五条，第二十七条至第二十九条",
    },
    {
        "id": "cn.green_product",
        "kind": "green_product",
        "name_zh": "绿色产品认证",
        "name_en": "China green product certification",
        "owner_zh": "国家市场监督管理总局",
        "owner_en": "State Administration for Market Regulation (SAMR)",
        "region": "CN",
        "self_declared": False,
        "site_check": True,
        "months_valid": None,
        "placements": ["product", "packaging", "documents", "advertising"],
        "must_show": ["certifier"],
        "rules_zh": "获证企业自愿在获证产品或其随附文件等使用绿色产品标识，并同时标注发证机构标识。",
        "rules_en": "Holders may show it on certified products and the papers that come with them, with the sign of "
        "the body that certified them.",
        "source": "绿色产品标识使用管理办法, SAMR, announcement 20 of 2019",
        "source_row": "",
    },
    {
        "id": "city.carbon_label",
        "kind": "carbon_label",
        "name_zh": "碳惠碳标签",
        "name_en": "Tanhui carbon label",
        "owner_zh": "城市碳普惠项目",
        "owner_en": "The city's carbon-inclusion programme",
        "region": "CN",
        "self_declared": False,
        "site_check": False,
        "months_valid": None,
        "placements": ["product", "packaging", "documents", "advertising", "website"],
        "must_show": ["figure", "boundary", "certificate_number"],
        "rules_zh": "须与碳足迹数值、单位、系统边界、证书编号及二维码一并显示，不得与国家标识混淆。",
        "rules_en": "Shown with the figure, its unit and boundary, the certificate's number and the QR code; never so "
        "that it could be taken for a national mark.",
        "source": "Design of the programme's label",
        "source_row": "docs/design.md",
    },
    {
        "id": "kr.carbon_footprint",
        "kind": "carbon_label",
        "name_zh": "韩国碳足迹标识(碳排放量认证)",
        "name_en": "Korea carbon footprint labelling, phase I (carbon emissions)",
        "owner_zh": "韩国环境产业技术院",
        "owner_en": "Korea Environmental Industry & Technology Institute (KEITI)",
        "region": "KR",
        "self_declared": False,
        "site_check": False,
        "months_valid": None,
        "placements": ["product"],
        "must_show": ["figure"],
        "rules_zh": "自愿标识，在产品上标明全生命周期温室气体排放量(以二氧化碳计)。",
        "rules_en": "Voluntary; the emissions over the product's life, as CO2, are marked on the product.",
        "source": "greenproduct.go.kr, Carbon footprint labelling, introduction",
        "source_row": "",
    },
    {
        "id": "kr.low_carbon",
        "kind": "low_carbon",
        "name_zh": "韩国低碳产品认证",
        "name_en": "Korea carbon footprint labelling, phase II (low-carbon product)",
        "owner_zh": "韩国环境产业技术院",
        "owner_en": "Korea Environmental Industry & Technology Institute (KEITI)",
        "region": "KR",
        "self_declared": False,
        "site_check": False,
        "months_valid": None,
        "placements": ["product"],
        "must_show": ["figure"],
        "rules_zh": "仅限已取得碳排放量认证且符合低碳产品基准的产品。",
        "rules_en": "Only for products certified in phase I that also meet the criteria of low-carbon products.",
        "source": "greenproduct.go.kr, Carbon footprint labelling, introduction",
        "source_row": "",
    },
    {
        "id": "tw.carbon_footprint",
        "kind": "carbon_label",
        "name_zh": "台湾产品碳足迹标签",
        "name_en": "Taiwan product carbon footprint label",
        "owner_zh": "台湾环境部",
        "owner_en": "Ministry of Environment, Taiwan",
        "region": "TW",
        "self_declared": False,
        "site_check": False,
        "months_valid": None,
        "placements": ["packaging", "website", "advertising"],
        "must_show": ["figure"],
        "rules_zh": "于产品包装、网站或其他行销载体记载产品碳足迹标签或其数值。",
        "rules_en": "The label or its figure may stand on packaging, websites and other carriers of marketing.",
        "source": "自願性產品碳足跡核定標示及管理辦法，2025-03-19",
        "source_row": "第2條",
    },
    {
        "id": "tw.carbon_reduction",
        "kind": "low_carbon",
        "name_zh": "台湾减碳标签",
        "name_en": "Taiwan carbon reduction label",
        "owner_zh": "台湾环境部",
        "owner_en": "Ministry of Environment, Taiwan",
        "region": "TW",
        "self_declared": False,
        "site_check": False,
        "months_valid": None,
        "placements": ["packaging", "website", "advertising"],
        "must_show": ["figure"],
        "rules_zh": "以产品碳足迹数值为基线，兑现减碳承诺后方可使用。",
        "rules_en": "For products that kept the promise to reduce, measured from their own carbon footprint.",
        "source": "cfp-calculate.tw, Background to Taiwan CFP-Labeling and CFP-Reduction Labeling",
        "source_row": "",
    },
    {
        "id": "gb.carbon_trust_measured",
        "kind": "carbon_label",
        "name_zh": "碳信托产品碳足迹标签(已测量)",
        "name_en": "Carbon Trust product carbon footprint label: CO2 Measured",
        "owner_zh": "碳信托",
        "owner_en": "The Carbon Trust",
        "region": "GB",
        "self_declared": False,
        "site_check": False,
        "months_valid": None,
        "placements": ["product", "packaging"],
        "must_show": ["certifier"],
        "rules_zh": "表示碳足迹已测量并经认证。用于消费品时，须为从摇篮到坟墓的碳足迹。",
        "rules_en": "Says that the footprint was measured and certified. On a product for consumers it represents a "
        "cradle-to-grave footprint.",
        "source": "carbontrust.com, Product carbon footprint label",
        "source_row": "Label requirements and conditions",
    },
    {
        "id": "gb.carbon_trust_reducing",
        "kind": "low_carbon",
        "name_zh": "碳信托产品碳足迹标签(持续减碳)",
        "name_en": "Carbon Trust product carbon footprint label: Reducing CO2",
        "owner_zh": "碳信托",
        "owner_en": "The Carbon Trust",
        "region": "GB",
        "self_declared": False,
        "site_check": False,
        "months_valid": 24,
        "placements": ["product", "packaging"],
        "must_show": ["certifier"],
        "rules_zh": "须以两代同类产品的碳足迹比较证明减量；抵销不计入减量；认证为期两年。",
        "rules_en": "The reduction is shown between two generations of the product; bought credits do not count; a "
        "certification lasts two years.",
        "source": "carbontrust.com, Product carbon footprint label",
        "source_row": "Label requirements and conditions",
    },
    {
        "id": "self.declared",
        "kind": "self_declared",
        "name_zh": "自我环境声明",
        "name_en": "Self-declared environmental claim",
        "owner_zh": "声明者",
        "owner_en": "Whoever declares it",
        "region": "GLO",
        "self_declared": True,
        "site_check": False,
        "months_valid": None,
        "placements": ["product", "packaging", "documents", "advertising", "website"],
        "must_show": ["declarer", "figure"],
        "rules_zh": "声明应准确、可验证、不误导，并说明未经第三方认证。",
        "rules_en": "Accurate, verifiable and not misleading; it must not look "
        "as if somebody independent certified it.",
        "source": "ISO 14021 (GB/T 24021), Self-declared environmental claims",
        "source_row": "5",
    },
)


def upgrade() -> None:
    op.add_column("certificate_event", sa.Column("valid_until", sa.Date(), nullable=True))
    op.add_column("product", sa.Column("model", sa.String(), server_default="", nullable=False))
    # Only products with a model: the many without one cost the index nothing.
    named = sa.text("model <> ''")
    op.create_index("ix_product_maker_model", "product", ["maker_id", "model"], postgresql_where=named)
    _make_certification()
    _make_disclosures()
    op.create_table(
        "product_revision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("changes", JSONB(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["gtin"], ["product.gtin"]),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_product_revision_gtin", "product_revision", ["gtin", "id"])
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _make_certification() -> None:
    scheme = op.create_table(
        "scheme",
        sa.Column("id", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("kind", "name_zh", "name_en", "owner_zh")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("owner_en", "region")),
        sa.Column("self_declared", sa.Boolean(), nullable=False),
        sa.Column("site_check", sa.Boolean(), nullable=False),
        sa.Column("months_valid", sa.Integer(), nullable=True),
        sa.Column("placements", JSONB(), nullable=False),
        sa.Column("must_show", JSONB(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("rules_zh", "rules_en", "source", "source_row")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.bulk_insert(scheme, [dict(each) for each in _SCHEMES])
    op.create_table(
        "certificate_application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("scheme_id", sa.String(), nullable=False),
        sa.Column("footprint_id", sa.Uuid(), nullable=True),
        sa.Column("applicant_id", sa.Uuid(), nullable=False),
        sa.Column("certifier_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["gtin"], ["product.gtin"]),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"]),
        sa.ForeignKeyConstraint(["footprint_id"], ["footprint.id"]),
        sa.ForeignKeyConstraint(["applicant_id"], ["organization.id"]),
        sa.ForeignKeyConstraint(["certifier_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_certificate_application_applicant", "certificate_application", ["applicant_id", "id"])
    op.create_index("ix_certificate_application_certifier", "certificate_application", ["certifier_id", "id"])
    op.create_table(
        "application_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["application_id"], ["certificate_application.id"]),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_application_step_application", "application_step", ["application_id", "id"])


def _make_disclosures() -> None:
    op.create_table(
        "footprint_disclosure",
        sa.Column("footprint_id", sa.Uuid(), nullable=False),
        sa.Column("declared_unit", sa.String(), nullable=False),
        sa.Column("declared_unit_amount_micro", sa.BigInteger(), nullable=False),
        sa.Column("product_mass_mg", sa.BigInteger(), nullable=True),
        sa.Column("reference_period_start", sa.Date(), nullable=False),
        sa.Column("reference_period_end", sa.Date(), nullable=False),
        sa.Column("geography", sa.String(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _AMOUNTS),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in _PARTS),
        sa.Column("exempted_bp", sa.Integer(), nullable=False),
        sa.Column("primary_data_share_bp", sa.Integer(), nullable=True),
        *(sa.Column(f"{name}_dqr", sa.Integer(), nullable=True) for name in ("technological", "geographical")),
        sa.Column("temporal_dqr", sa.Integer(), nullable=True),
        sa.Column("gwp_sets", JSONB(), nullable=False),
        sa.Column("product_rules", sa.String(), nullable=False),
        sa.Column("boundary_description", sa.String(), nullable=False),
        sa.Column("secondary_sources", JSONB(), nullable=False),
        sa.Column("verifier", sa.String(), nullable=False),
        sa.Column("verification_standard", sa.String(), nullable=False),
        sa.Column("assurance", sa.String(), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["footprint_id"], ["footprint.id"]),
        sa.PrimaryKeyConstraint("footprint_id"),
    )
    op.create_table(
        "footprint_stage",
        sa.Column("footprint_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("milligrams", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["footprint_id"], ["footprint.id"]),
        sa.PrimaryKeyConstraint("footprint_id", "stage"),
    )


def downgrade() -> None:
    for table in ("product_revision", "footprint_stage", "footprint_disclosure", "application_step"):
        op.drop_table(table)
    op.drop_table("certificate_application")
    op.drop_table("scheme")
    op.drop_index("ix_product_maker_model", table_name="product")
    op.drop_column("product", "model")
    op.drop_column("certificate_event", "valid_until")
