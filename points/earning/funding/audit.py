"""Proofs that nothing a receipt says waits is forgotten, and that nothing is granted twice or without having waited.

Texts of SQL, and nothing else: points.earning.audit runs them.
"""

from typing import Final

CHECKS: Final = {
    "what a receipt says waits was kept": """
        SELECT r.points IS DISTINCT FROM w.wanted AS differs
        FROM (
            SELECT a.activity_id, CAST(d.key AS uuid) AS budget_id, CAST(d.value AS bigint) AS points
            FROM activity AS a CROSS JOIN LATERAL jsonb_each_text(a.detail -> 'waiting') AS d
            WHERE a.programme_id = :programme_id AND a.detail ? 'waiting'
        ) AS r
        FULL JOIN (SELECT * FROM waiting_award WHERE programme_id = :programme_id) AS w USING (activity_id, budget_id)
    """,
    "what waited is granted once, by an entry of its own": """
        SELECT w.entry_id IS NULL OR e.entry_id IS NULL OR e.subject_id <> w.activity_id
            OR e.resident_id <> w.resident_id OR p.points IS DISTINCT FROM w.points OR p.budget_id <> w.budget_id
            AS differs
        FROM (SELECT * FROM waiting_award WHERE programme_id = :programme_id AND (state = 2 OR entry_id IS NOT NULL))
            AS w
        FULL JOIN (SELECT * FROM entry WHERE programme_id = :programme_id AND kind = :deferred) AS e USING (entry_id)
        LEFT JOIN (
            SELECT entry_id, source_id AS budget_id, sum(amount) AS points FROM posting
            WHERE programme_id = :programme_id AND source_kind = :budget GROUP BY entry_id, source_id
        ) AS p USING (entry_id)
    """,
}
