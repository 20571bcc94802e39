"""Make every table.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.create_table(
        "activity",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("footprint_id", sa.Uuid(), nullable=False),
        sa.Column("baseline_id", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("retailer_id", sa.Uuid(), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("units_micro", sa.BigInteger(), nullable=False),
        sa.Column("saving_grams", sa.BigInteger(), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("evidence_bp", sa.SmallInteger(), nullable=False),
        sa.Column("policy_version", sa.SmallInteger(), nullable=False),
        sa.Column("rate_version", sa.SmallInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("detail", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("programme_id", "activity_id"),
    )
    op.create_index("ix_activity_resident", "activity", ["programme_id", "resident_id", "activity_id"], unique=False)
    op.create_table(
        "balance",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("asset", sa.SmallInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount >= 0", name="ck_balance_floor"),
        sa.PrimaryKeyConstraint("programme_id", "owner_id", "kind", "asset"),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_table(
        "category",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("functional_unit", sa.String(), nullable=False),
        sa.Column("plausible_low_mg", sa.BigInteger(), nullable=True),
        sa.Column("plausible_high_mg", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["category.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "claim",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("input_hash", sa.LargeBinary(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("answer", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("programme_id", "key"),
    )
    op.create_table(
        "entry",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "entry_id"),
    )
    op.create_index(
        "ix_entry_resident",
        "entry",
        ["programme_id", "resident_id", "entry_id"],
        unique=False,
        postgresql_where=sa.text("resident_id IS NOT NULL"),
    )
    op.create_table(
        "factor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("nanograms_per_unit", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("boundary", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_row", sa.String(), nullable=False),
        sa.Column("licence", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["supersedes_id"],
            ["factor.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_factor_metric"), "factor", ["metric"], unique=False)
    op.create_table(
        "hold",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "hold_id"),
    )
    op.create_index(
        "ix_hold_open", "hold", ["programme_id", "expires_at"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "lot",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("matures_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mature", sa.Boolean(), nullable=False),
        sa.CheckConstraint("remaining BETWEEN 0 AND amount", name="ck_lot_remaining"),
        sa.PrimaryKeyConstraint("programme_id", "lot_id"),
    )
    op.create_index(
        "ix_lot_pending", "lot", ["programme_id", "matures_at"], unique=False, postgresql_where=sa.text("NOT mature")
    )
    op.create_index(
        "ix_lot_spendable",
        "lot",
        ["programme_id", "resident_id", "expires_at", "lot_id"],
        unique=False,
        postgresql_where=sa.text("remaining > 0"),
    )
    op.create_table(
        "lot_draw",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "hold_id", "lot_id"),
    )
    op.create_table(
        "organization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "posting",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("source_kind", sa.SmallInteger(), nullable=False),
        sa.Column("destination_kind", sa.SmallInteger(), nullable=False),
        sa.Column("asset", sa.SmallInteger(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("destination_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name="ck_posting_amount"),
        sa.PrimaryKeyConstraint("programme_id", "entry_id", "number"),
    )
    op.create_table(
        "programme",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("base_budget_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_budget_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("programme_id"),
        sa.UniqueConstraint("slug"),
    )
    op.create_table(
        "redemption",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("reward_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("programme_id", "redemption_id"),
    )
    op.create_index(
        "ix_redemption_reserved",
        "redemption",
        ["programme_id", "reserved_at"],
        unique=False,
        postgresql_where=sa.text("state = 'reserved'"),
    )
    op.create_index(
        "ix_redemption_resident", "redemption", ["programme_id", "resident_id", "redemption_id"], unique=False
    )
    op.create_table(
        "resident_day",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("activities", sa.Integer(), nullable=False),
        sa.Column("discoveries", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "resident_id", "day"),
    )
    op.create_index("ix_resident_day_day", "resident_day", ["programme_id", "day"], unique=False)
    op.create_table(
        "voucher",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("reward_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("programme_id", "voucher_id"),
        sa.UniqueConstraint("programme_id", "reward_id", "code", name="uq_voucher_code"),
    )
    op.create_index(
        "ix_voucher_available",
        "voucher",
        ["programme_id", "reward_id", "voucher_id"],
        unique=False,
        postgresql_where=sa.text("redemption_id IS NULL"),
    )
    op.create_index(
        "uq_voucher_redemption",
        "voucher",
        ["programme_id", "redemption_id"],
        unique=True,
        postgresql_where=sa.text("redemption_id IS NOT NULL"),
    )
    op.create_table(
        "baseline",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("milligrams_per_unit", sa.BigInteger(), nullable=False),
        sa.Column("functional_unit", sa.String(), nullable=False),
        sa.Column("boundary", sa.String(), nullable=False),
        sa.Column("standard", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("sample_size", sa.Integer(), nullable=False),
        sa.Column("lower_quartile_mg", sa.BigInteger(), nullable=True),
        sa.Column("upper_quartile_mg", sa.BigInteger(), nullable=True),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_row", sa.String(), nullable=False),
        sa.Column("licence", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["category.id"],
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"],
            ["baseline.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_baseline_category_valid_from", "baseline", ["category_id", "valid_from"], unique=False)
    op.create_table(
        "campaign",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.programme_id"],
        ),
        sa.PrimaryKeyConstraint("programme_id", "campaign_id"),
    )
    op.create_table(
        "conversion_rate",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("points_per_tonne", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.programme_id"],
        ),
        sa.PrimaryKeyConstraint("programme_id", "version"),
    )
    op.create_table(
        "district",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.programme_id"],
        ),
        sa.PrimaryKeyConstraint("programme_id", "district_id"),
    )
    op.create_table(
        "partner_key",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.programme_id"],
        ),
        sa.PrimaryKeyConstraint("programme_id", "key_id"),
    )
    op.create_index(op.f("ix_partner_key_prefix"), "partner_key", ["prefix"], unique=False)
    op.create_table(
        "policy",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.programme_id"],
        ),
        sa.PrimaryKeyConstraint("programme_id", "version"),
    )
    op.create_table(
        "product",
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("brand", sa.String(), nullable=False),
        sa.Column("maker_id", sa.Uuid(), nullable=True),
        sa.Column("category_id", sa.String(), nullable=True),
        sa.Column("net_content_micro", sa.BigInteger(), nullable=True),
        sa.Column("pack", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("registered_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["category.id"],
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"],
            ["organization.id"],
        ),
        sa.ForeignKeyConstraint(
            ["registered_by_id"],
            ["organization.id"],
        ),
        sa.PrimaryKeyConstraint("gtin"),
    )
    op.create_index(op.f("ix_product_category_id"), "product", ["category_id"], unique=False)
    op.create_table(
        "resident",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("contact_digest", sa.LargeBinary(), nullable=False),
        sa.Column("member_code", sa.String(), nullable=False),
        sa.Column("nickname", sa.String(), nullable=False),
        sa.Column("district_id", sa.Uuid(), nullable=True),
        sa.Column("ranked", sa.Boolean(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.programme_id"],
        ),
        sa.PrimaryKeyConstraint("programme_id", "resident_id"),
        sa.UniqueConstraint("programme_id", "contact_digest", name="uq_resident_contact"),
        sa.UniqueConstraint("programme_id", "member_code", name="uq_resident_member_code"),
    )
    op.create_table(
        "reward",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("reward_id", sa.Uuid(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("retailer_id", sa.Uuid(), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.programme_id"],
        ),
        sa.ForeignKeyConstraint(
            ["retailer_id"],
            ["organization.id"],
        ),
        sa.PrimaryKeyConstraint("programme_id", "reward_id"),
    )
    op.create_table(
        "staff",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.programme_id"],
        ),
        sa.PrimaryKeyConstraint("programme_id", "staff_id"),
        sa.UniqueConstraint("programme_id", "email", name="uq_staff_email"),
    )
    op.create_table(
        "footprint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("milligrams_per_unit", sa.BigInteger(), nullable=False),
        sa.Column("uptake_mg", sa.BigInteger(), nullable=False),
        sa.Column("functional_unit", sa.String(), nullable=False),
        sa.Column("boundary", sa.String(), nullable=False),
        sa.Column("standard", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("uncertainty_bp", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["gtin"],
            ["product.gtin"],
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"],
            ["footprint.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_footprint_gtin_valid_from", "footprint", ["gtin", "valid_from"], unique=False)
    op.create_table(
        "certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("footprint_id", sa.Uuid(), nullable=True),
        sa.Column("certifier_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["certifier_id"],
            ["organization.id"],
        ),
        sa.ForeignKeyConstraint(
            ["footprint_id"],
            ["footprint.id"],
        ),
        sa.ForeignKeyConstraint(
            ["gtin"],
            ["product.gtin"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(op.f("ix_certificate_gtin"), "certificate", ["gtin"], unique=False)
    op.create_table(
        "certificate_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_certificate_event_certificate", "certificate_event", ["certificate_id", "effective_on"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_certificate_event_certificate", table_name="certificate_event")
    op.drop_table("certificate_event")
    op.drop_index(op.f("ix_certificate_gtin"), table_name="certificate")
    op.drop_table("certificate")
    op.drop_index("ix_footprint_gtin_valid_from", table_name="footprint")
    op.drop_table("footprint")
    op.drop_table("staff")
    op.drop_table("reward")
    op.drop_table("resident")
    op.drop_index(op.f("ix_product_category_id"), table_name="product")
    op.drop_table("product")
    op.drop_table("policy")
    op.drop_index(op.f("ix_partner_key_prefix"), table_name="partner_key")
    op.drop_table("partner_key")
    op.drop_table("district")
    op.drop_table("conversion_rate")
    op.drop_table("campaign")
    op.drop_index("ix_baseline_category_valid_from", table_name="baseline")
    op.drop_table("baseline")
    op.drop_index("uq_voucher_redemption", table_name="voucher", postgresql_where=sa.text("redemption_id IS NOT NULL"))
    op.drop_index("ix_voucher_available", table_name="voucher", postgresql_where=sa.text("redemption_id IS NULL"))
    op.drop_table("voucher")
    op.drop_index("ix_resident_day_day", table_name="resident_day")
    op.drop_table("resident_day")
    op.drop_index("ix_redemption_resident", table_name="redemption")
    op.drop_index("ix_redemption_reserved", table_name="redemption", postgresql_where=sa.text("state = 'reserved'"))
    op.drop_table("redemption")
    op.drop_table("programme")
    op.drop_table("posting")
    op.drop_table("organization")
    op.drop_table("lot_draw")
    op.drop_index("ix_lot_spendable", table_name="lot", postgresql_where=sa.text("remaining > 0"))
    op.drop_index("ix_lot_pending", table_name="lot", postgresql_where=sa.text("NOT mature"))
    op.drop_table("lot")
    op.drop_index("ix_hold_open", table_name="hold", postgresql_where=sa.text("state = 'open'"))
    op.drop_table("hold")
    op.drop_index(op.f("ix_factor_metric"), table_name="factor")
    op.drop_table("factor")
    op.drop_index("ix_entry_resident", table_name="entry", postgresql_where=sa.text("resident_id IS NOT NULL"))
    op.drop_table("entry")
    op.drop_table("claim")
    op.drop_table("category")
    op.drop_table("balance")
    op.drop_index("ix_activity_resident", table_name="activity")
    op.drop_table("activity")
