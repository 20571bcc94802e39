"""Proofs that a review is credited if it is accepted, and only then, and that retailers' caps count what stands.

What households' caps count needs none: it is read from their members' days and from what waits for them, which have
proofs of their own.

Texts of SQL, and nothing else: points.earning.audit runs them.
"""

from typing import Final

CHECKS: Final = {
    # A label unit that was held may have been sold meanwhile: then it is part of that sale, and has no receipt.
    # Until revision 0020 what was accepted was credited under the review's own id; nothing else ever is.
    "what guards stopped is credited if it was accepted, and only then": """
        SELECT CASE
            WHEN r.receipt_id IS NULL THEN s.activity_id IS NOT NULL OR r.state = 2 AND r.type = 'sale'
            ELSE r.state <> 2 OR a.activity_id IS NULL OR a.resident_id <> r.resident_id
                OR s.activity_id <> r.receipt_id OR r.times > 1
        END AS differs
        FROM (
            SELECT review_id, resident_id, receipt_id, state, evidence ->> 'type' AS type,
                count(*) OVER (PARTITION BY receipt_id) AS times
            FROM review WHERE programme_id = :programme_id
        ) AS r
        LEFT JOIN activity AS a ON a.programme_id = :programme_id AND a.activity_id = r.receipt_id
        LEFT JOIN activity AS s ON s.programme_id = :programme_id AND s.activity_id = r.review_id
    """,
    "the last step of a review says the state it is in": """
        SELECT r.state IS DISTINCT FROM CASE s.kind WHEN 'held' THEN 1 WHEN 'reopened' THEN 1 WHEN 'accepted' THEN 2
            WHEN 'refused' THEN 3 WHEN 'appealed' THEN 3 END AS differs
        FROM review AS r LEFT JOIN LATERAL (
            SELECT kind FROM review_step AS s
            WHERE s.programme_id = r.programme_id AND s.review_id = r.review_id ORDER BY s.step_id DESC LIMIT 1
        ) AS s ON true
        WHERE r.programme_id = :programme_id
    """,
    # 1 and 2 are the scopes of points.earning.guards.needs.Scope that caps of grams are kept under.
    "what retailers' caps count is what stands of their credits": """
        SELECT coalesce(y.grams, 0) <> coalesce(s.grams, 0) AS differs
        FROM (SELECT * FROM tally WHERE programme_id = :programme_id AND scope IN (1, 2)) AS y
        FULL JOIN (
            SELECT c.scope, CAST(a.retailer_id AS text) AS subject, c.period,
                sum(a.grams + coalesce(j.grams, 0)) AS grams
            FROM activity AS a
            JOIN policy AS p ON p.programme_id = :programme_id AND p.version = a.policy_version
            CROSS JOIN LATERAL (VALUES
                (1, 'retailer_grams_per_day', a.day - DATE '0001-01-01' + 1),
                (2, 'retailer_grams_per_month',
                    CAST(extract(year FROM a.day) * 12 + extract(month FROM a.day) - 1 AS integer))
            ) AS c (scope, cap, period)
            LEFT JOIN (
                SELECT activity_id, sum(grams) AS grams FROM adjustment
                WHERE programme_id = :programme_id GROUP BY activity_id
            ) AS j ON j.activity_id = a.activity_id
            WHERE a.programme_id = :programme_id AND a.retailer_id IS NOT NULL
                AND p.terms -> 'caps' ->> c.cap IS NOT NULL
            GROUP BY c.scope, a.retailer_id, c.period
        ) AS s ON s.scope = y.scope AND s.subject = y.subject AND s.period = y.period
    """,
}
