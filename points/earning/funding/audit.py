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
        SELECT w.activity_id IS NULL OR g.activity_id IS NULL OR g.resident_id <> w.resident_id OR g.points > w.wanted
            OR g.entries > 1 + coalesce(r.times, 0)
            OR (w.state = 2 AND p.points IS DISTINCT FROM w.points) OR p.entry_id IS NULL AS differs
        FROM (SELECT * FROM waiting_award WHERE programme_id = :programme_id AND (state = 2 OR entry_id IS NOT NULL))
            AS w
        FULL JOIN (
            SELECT e.subject_id AS activity_id, e.resident_id, p.source_id AS budget_id, sum(p.amount) AS points,
                count(*) AS entries
            FROM entry AS e LEFT JOIN posting AS p ON p.programme_id = :programme_id AND p.entry_id = e.entry_id
                AND p.source_kind = :budget
            WHERE e.programme_id = :programme_id AND e.kind = :deferred
            GROUP BY e.subject_id, e.resident_id, p.source_id
        ) AS g ON g.activity_id = w.activity_id AND g.budget_id = w.budget_id
        LEFT JOIN (
            SELECT e.entry_id, sum(p.amount) AS points
            FROM entry AS e JOIN posting AS p ON p.programme_id = :programme_id AND p.entry_id = e.entry_id
            WHERE e.programme_id = :programme_id AND e.kind = :deferred AND p.source_kind = :budget GROUP BY e.entry_id
        ) AS p ON p.entry_id = w.entry_id
        LEFT JOIN (
            SELECT activity_id, count(*) AS times FROM adjustment
            WHERE programme_id = :programme_id AND kind = :reopened GROUP BY activity_id
        ) AS r ON r.activity_id = w.activity_id
    """,
}
