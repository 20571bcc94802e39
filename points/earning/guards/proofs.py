"""Proofs that a review is credited if it is accepted, and only then.

Texts of SQL, and nothing else: points.earning.audit runs them.
"""

from typing import Final

CHECKS: Final = {
    # A label unit that was held may have been sold meanwhile: then it is part of that sale, and has no receipt.
    "what guards stopped is credited if it was accepted, and only then": """
        SELECT CASE WHEN a.activity_id IS NULL THEN r.state = 2 AND r.evidence ->> 'type' = 'sale' ELSE r.state <> 2 END
            AS differs
        FROM review AS r
        LEFT JOIN activity AS a ON a.programme_id = r.programme_id AND a.activity_id = r.review_id
        WHERE r.programme_id = :programme_id
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
}
