"""Count out of retailers' caps what was taken back before they knew of it; let a receipt be claimed longer.

Now what stands, counts. The days for which a claim was under review do not count against who claims the receipt after.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: None = None
depends_on: None = None

# Scopes 1 and 2 are a retailer's day and month; a credit is counted where its own policy has the cap.
_COUNT = """
    UPDATE tally AS y SET grams = y.grams {sign} t.grams
    FROM (
        SELECT a.programme_id, c.scope, CAST(a.retailer_id AS text) AS subject, c.period, sum(j.grams) AS grams
        FROM adjustment AS j
        JOIN activity AS a ON a.programme_id = j.programme_id AND a.activity_id = j.activity_id
        JOIN policy AS p ON p.programme_id = a.programme_id AND p.version = a.policy_version
        CROSS JOIN LATERAL (VALUES
            (1, 'retailer_grams_per_day', a.day - DATE '0001-01-01' + 1),
            (2, 'retailer_grams_per_month',
                CAST(extract(year FROM a.day) * 12 + extract(month FROM a.day) - 1 AS integer))
        ) AS c (scope, cap, period)
        WHERE j.grams <> 0 AND a.retailer_id IS NOT NULL AND p.terms -> 'caps' ->> c.cap IS NOT NULL
        GROUP BY a.programme_id, c.scope, a.retailer_id, c.period
    ) AS t
    WHERE y.programme_id = t.programme_id AND y.scope = t.scope AND y.subject = t.subject AND y.period = t.period
"""


def upgrade() -> None:
    """Let adjustments count, which lower grams; make the column."""
    op.add_column("anonymous_sale", sa.Column("claimable_until", sa.DateTime(timezone=True), nullable=True))
    op.execute(_COUNT.format(sign="+"))


def downgrade() -> None:
    """Let what was taken back count again as if it stood."""
    op.execute(_COUNT.format(sign="-"))
    op.drop_column("anonymous_sale", "claimable_until")
