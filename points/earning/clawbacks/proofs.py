"""Proofs that what orders say they took is what their adjustments took, and that everybody concerned was told.

Texts of SQL, and nothing else: points.earning.audit runs them.
"""

from typing import Final

CHECKS: Final = {
    "each clawback took what its adjustments say": """
        SELECT c.activity_id IS NULL OR j.activity_id IS NULL OR c.taken_grams <> j.grams
            OR c.taken_points <> j.points AS differs
        FROM (
            SELECT clawback_id, activity_id, taken_grams, taken_points FROM clawback_activity
            WHERE programme_id = :programme_id AND taken_points IS NOT NULL
        ) AS c
        FULL JOIN (
            SELECT order_id, activity_id, -sum(grams) AS grams, -sum(points) AS points FROM adjustment
            WHERE programme_id = :programme_id
                AND order_id IN (SELECT clawback_id FROM clawback WHERE programme_id = :programme_id)
            GROUP BY order_id, activity_id
        ) AS j ON j.order_id = c.clawback_id AND j.activity_id = c.activity_id
    """,
    "each resident was told once what a clawback took": """
        SELECT n.about_id IS NULL OR n.grams <> r.grams OR n.points <> r.points OR n.owed <> r.owed
            OR n.borne <> r.borne AS differs
        FROM clawback_resident AS r LEFT JOIN notice AS n ON n.programme_id = r.programme_id
            AND n.about_id = r.clawback_id AND n.resident_id = r.resident_id
        WHERE r.programme_id = :programme_id AND r.phase = 2 AND (r.grams > 0 OR r.points > 0)
    """,
}
