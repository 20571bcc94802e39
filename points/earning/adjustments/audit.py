"""Proofs that every adjustment has its entry, that none takes more than there was, and that each return was claimed.

Texts of SQL, and nothing else: points.earning.audit runs them.
"""

from typing import Final

CHECKS: Final = {
    "each adjustment equals the postings of its entry": """
        SELECT j.adjustment_id IS NULL OR a.activity_id IS NULL
            OR (e.entry_id IS NULL AND (j.grams <> 0 OR j.points <> 0))
            OR j.grams <> -coalesce(p.grams_back, 0)
            OR j.points <> coalesce(p.points_paid, 0) - coalesce(p.points_back, 0) - coalesce(p.made_owed, 0) - j.borne
            OR j.owed <> coalesce(p.made_owed, 0) OR j.borne <> coalesce(l.borne, 0)
            OR (e.kind = :deferred) <> (j.kind = :funded)
            OR j.resident_id <> a.resident_id OR j.day <> a.day OR e.resident_id <> j.resident_id AS differs
        FROM (SELECT * FROM adjustment WHERE programme_id = :programme_id) AS j
        FULL JOIN (
            SELECT * FROM entry WHERE programme_id = :programme_id AND kind IN (:reversal, :deferred)
        ) AS e ON e.entry_id = j.adjustment_id
        LEFT JOIN activity AS a ON a.programme_id = :programme_id AND a.activity_id = j.activity_id
        LEFT JOIN (
            SELECT entry_id,
                sum(amount) FILTER (WHERE asset = :grams AND destination_kind = :issued) AS grams_back,
                sum(amount) FILTER (WHERE asset = :points AND source_kind = :budget) AS points_paid,
                sum(amount) FILTER (WHERE asset = :points AND destination_kind = :budget) AS points_back,
                sum(amount) FILTER (WHERE asset = :points AND source_kind = :clawback AND destination_kind = :owed)
                    AS made_owed
            FROM posting WHERE programme_id = :programme_id GROUP BY entry_id
        ) AS p ON p.entry_id = j.adjustment_id
        LEFT JOIN (
            SELECT reversal_id, sum(amount) AS borne FROM loss WHERE programme_id = :programme_id GROUP BY reversal_id
        ) AS l ON l.reversal_id = j.adjustment_id
    """,
    "no receipt is adjusted below nothing": """
        SELECT a.quantity + j.units NOT BETWEEN 0 AND a.quantity OR a.grams + j.grams NOT BETWEEN 0 AND a.grams
            OR a.points + j.points < 0 AS differs
        FROM (
            SELECT activity_id, sum(units) AS units, sum(grams) AS grams, sum(points) AS points
            FROM adjustment WHERE programme_id = :programme_id GROUP BY activity_id
        ) AS j
        JOIN activity AS a ON a.programme_id = :programme_id AND a.activity_id = j.activity_id
    """,
    "every return has exactly one claim": """
        SELECT coalesce(c.claims, 0) <> 1 AS differs
        FROM adjustment AS j LEFT JOIN (
            SELECT entry_id, count(*) AS claims FROM claim
            WHERE programme_id = :programme_id AND key LIKE 'return:%' GROUP BY entry_id
        ) AS c ON c.entry_id = j.order_id
        WHERE j.programme_id = :programme_id AND j.kind = :returned
    """,
}
