"""Proofs that every adjustment has its entry, that none takes more than there was, and that each return was claimed.

Texts of SQL, and nothing else: points.earning.audit runs them.
"""

from typing import Final

CHECKS: Final = {
    "each adjustment equals the postings of its entry": """
        SELECT j.adjustment_id IS NULL OR a.activity_id IS NULL
            OR (e.entry_id IS NULL AND (j.grams <> 0 OR j.points <> 0))
            OR j.grams <> coalesce(p.grams_issued, 0) - coalesce(p.grams_back, 0)
            OR j.points <> coalesce(p.points_paid, 0) - coalesce(p.points_back, 0)
                + (j.owed + j.borne) * CASE WHEN j.kind = :reopened THEN 1 ELSE -1 END
            OR (j.kind <> :reopened AND (j.owed <> coalesce(p.made_owed, 0) OR j.borne <> coalesce(l.borne, 0)))
            OR (e.kind = :deferred) <> (j.kind = :funded) OR (e.kind = :reinstatement) <> (j.kind = :reopened)
            OR j.resident_id <> a.resident_id OR j.day <> a.day OR e.resident_id <> j.resident_id AS differs
        FROM (SELECT * FROM adjustment WHERE programme_id = :programme_id) AS j
        FULL JOIN (
            SELECT * FROM entry WHERE programme_id = :programme_id AND kind IN (:reversal, :deferred, :reinstatement)
        ) AS e ON e.entry_id = j.adjustment_id
        LEFT JOIN activity AS a ON a.programme_id = :programme_id AND a.activity_id = j.activity_id
        LEFT JOIN (
            SELECT entry_id,
                sum(amount) FILTER (WHERE asset = :grams AND source_kind = :issued) AS grams_issued,
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
    "what is given back is one adjustment of before, whole and once": """
        SELECT u.adjustment_id IS NULL OR u.kind NOT IN (:taken, :corrected) OR u.activity_id <> j.activity_id
            OR u.resident_id <> j.resident_id OR u.units <> -j.units OR u.grams <> -j.grams OR u.points <> -j.points
            OR j.owed > u.owed OR j.borne > u.borne OR j.times > 1 AS differs
        FROM (
            SELECT *, CAST(detail ->> 'undoes' AS uuid) AS undoes,
                count(*) OVER (PARTITION BY detail ->> 'undoes') AS times
            FROM adjustment WHERE programme_id = :programme_id AND kind = :reopened
        ) AS j
        LEFT JOIN adjustment AS u ON u.programme_id = :programme_id AND u.adjustment_id = j.undoes
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
