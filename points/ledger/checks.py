"""What `audit` proves: each text is a SELECT whose every row tells in `differs` whether something does."""

from typing import Final

CHECKS: Final = {
    "postings add up to balances": """
        SELECT coalesce(m.amount, 0) <> coalesce(b.amount, 0) AS differs
        FROM (
            SELECT owner_id, kind, asset, CAST(sum(amount) AS bigint) AS amount FROM (
                SELECT source_id AS owner_id, source_kind AS kind, asset, -amount AS amount
                FROM posting WHERE programme_id = :programme_id
                UNION ALL
                SELECT destination_id, destination_kind, asset, amount FROM posting WHERE programme_id = :programme_id
            ) AS moves WHERE kind = ANY(CAST(:kept AS smallint[])) GROUP BY owner_id, kind, asset
        ) AS m
        FULL JOIN (SELECT * FROM balance WHERE programme_id = :programme_id) AS b USING (owner_id, kind, asset)
    """,
    "mature lots add up to residents' points": """
        SELECT coalesce(l.amount, 0) <> coalesce(b.amount, 0) AS differs
        FROM (
            SELECT resident_id AS owner_id, CAST(sum(remaining) AS bigint) AS amount
            FROM lot WHERE programme_id = :programme_id AND mature GROUP BY resident_id
        ) AS l
        FULL JOIN (
            SELECT * FROM balance WHERE programme_id = :programme_id AND kind = :resident AND asset = :points
        ) AS b USING (owner_id)
    """,
    "immature lots add up to pending points": """
        SELECT coalesce(l.amount, 0) <> coalesce(b.amount, 0) AS differs
        FROM (
            SELECT resident_id AS owner_id, CAST(sum(remaining) AS bigint) AS amount
            FROM lot WHERE programme_id = :programme_id AND NOT mature GROUP BY resident_id
        ) AS l
        FULL JOIN (
            SELECT * FROM balance WHERE programme_id = :programme_id AND kind = :pending AND asset = :points
        ) AS b USING (owner_id)
    """,
    "open holds add up to held points": """
        SELECT coalesce(h.amount, 0) <> coalesce(b.amount, 0) AS differs
        FROM (
            SELECT resident_id AS owner_id, CAST(sum(amount) AS bigint) AS amount
            FROM hold WHERE programme_id = :programme_id AND state = 'open' GROUP BY resident_id
        ) AS h
        FULL JOIN (
            SELECT * FROM balance WHERE programme_id = :programme_id AND kind = :held AND asset = :points
        ) AS b USING (owner_id)
    """,
    "every hold names the lots that paid for it": """
        SELECT h.amount <> coalesce(d.amount, 0) AS differs
        FROM hold AS h LEFT JOIN (
            SELECT drawn_by AS hold_id, sum(amount) AS amount
            FROM lot_draw WHERE programme_id = :programme_id GROUP BY drawn_by
        ) AS d USING (hold_id)
        WHERE h.programme_id = :programme_id
    """,
    "every posting belongs to an entry": """
        SELECT e.entry_id IS NULL AS differs
        FROM posting AS p LEFT JOIN entry AS e USING (programme_id, entry_id) WHERE p.programme_id = :programme_id
    """,
    "points in circulation were drawn from funded budgets": """
        SELECT issued <> left_over + paid AS differs FROM (
            SELECT
                coalesce(sum(amount) FILTER (WHERE source_kind = :issued), 0) AS issued,
                coalesce(sum(amount) FILTER (WHERE source_kind = :budget), 0) - coalesce(
                    sum(amount) FILTER (WHERE destination_kind = :budget AND source_kind <> :issued), 0
                ) AS paid,
                (SELECT coalesce(sum(amount), 0) FROM balance
                    WHERE programme_id = :programme_id AND kind = :budget AND asset = :points) AS left_over
            FROM posting WHERE programme_id = :programme_id AND asset = :points
        ) AS totals
    """,
    "what holds spent stays drawn from their lots": """
        SELECT coalesce(d.amount, 0) <> CASE h.state WHEN 'open' THEN h.amount
                ELSE h.settled - coalesce(r.amount, 0) END
            OR (h.state = 'settled') <> (h.settled > 0) AS differs
        FROM hold AS h
        LEFT JOIN (
            SELECT drawn_by AS hold_id, sum(amount - returned) AS amount
            FROM lot_draw WHERE programme_id = :programme_id GROUP BY drawn_by
        ) AS d USING (hold_id)
        LEFT JOIN (
            SELECT e.subject_id AS hold_id, sum(p.amount) AS amount
            FROM entry AS e JOIN posting AS p USING (programme_id, entry_id)
            WHERE e.programme_id = :programme_id AND e.kind = :refund_kind GROUP BY e.subject_id
        ) AS r USING (hold_id)
        WHERE h.programme_id = :programme_id
    """,
    "every lot is what is left, drawn and expired of it": """
        SELECT l.amount <> l.remaining + coalesce(d.amount, 0) + coalesce(x.amount, 0)
            OR coalesce(x.amount, 0) < 0 AS differs
        FROM lot AS l
        LEFT JOIN (
            SELECT lot_id, sum(amount - returned) AS amount FROM lot_draw WHERE programme_id = :programme_id
            GROUP BY lot_id
        ) AS d USING (lot_id)
        LEFT JOIN (
            SELECT e.subject_id AS lot_id,
                sum(CASE WHEN p.destination_kind = :expired THEN p.amount ELSE -p.amount END) AS amount
            FROM entry AS e JOIN posting AS p USING (programme_id, entry_id)
            WHERE e.programme_id = :programme_id AND :expired IN (p.source_kind, p.destination_kind)
            GROUP BY e.subject_id
        ) AS x USING (lot_id)
        WHERE l.programme_id = :programme_id
    """,
    "what reversals and repayments took is drawn from named lots": """
        SELECT coalesce(d.amount, 0) <> coalesce(m.amount, 0) AS differs
        FROM (
            SELECT drawn_by AS entry_id, sum(amount) AS amount FROM lot_draw
            WHERE programme_id = :programme_id AND NOT EXISTS (
                SELECT FROM hold WHERE hold.programme_id = :programme_id AND hold.hold_id = lot_draw.drawn_by
            ) GROUP BY drawn_by
        ) AS d
        FULL JOIN (
            SELECT e.entry_id, sum(p.amount) AS amount FROM entry AS e JOIN posting AS p USING (programme_id, entry_id)
            WHERE e.programme_id = :programme_id AND e.kind IN (:reversal_kind, :repayment_kind)
                AND p.destination_kind = :budget
            GROUP BY e.entry_id
        ) AS m USING (entry_id)
    """,
    "no award is taken back beyond what it gave": """
        SELECT r.amount > coalesce(g.amount, 0) AS differs
        FROM (
            SELECT e.subject_id AS entry_id, p.asset, sum(p.amount) AS amount
            FROM entry AS e JOIN posting AS p USING (programme_id, entry_id)
            WHERE e.programme_id = :programme_id AND e.kind = :reversal_kind AND NOT EXISTS (
                SELECT FROM entry AS u
                WHERE u.programme_id = :programme_id AND u.kind = :reinstatement_kind AND u.subject_id = e.entry_id
            ) GROUP BY e.subject_id, p.asset
        ) AS r
        LEFT JOIN (
            SELECT entry_id, asset, sum(amount) AS amount FROM posting
            WHERE programme_id = :programme_id AND source_kind IN (:budget, :issued) GROUP BY entry_id, asset
        ) AS g USING (entry_id, asset)
    """,
    "what residents owe is what is left of their debts": """
        SELECT coalesce(d.amount, 0) <> coalesce(b.amount, 0) AS differs
        FROM (
            SELECT resident_id AS owner_id, sum(remaining) AS amount FROM debt WHERE programme_id = :programme_id
            GROUP BY resident_id
        ) AS d
        FULL JOIN (
            SELECT * FROM balance WHERE programme_id = :programme_id AND kind = :owed AND asset = :points
        ) AS b USING (owner_id)
    """,
    "every debt is what its reversal left owing": """
        SELECT coalesce(d.amount, 0) <> coalesce(m.amount, 0) AS differs
        FROM (
            SELECT reversal_id AS entry_id, sum(amount) AS amount FROM debt WHERE programme_id = :programme_id
            GROUP BY reversal_id
        ) AS d
        FULL JOIN (
            SELECT entry_id, amount FROM posting WHERE programme_id = :programme_id AND source_kind = :clawback
        ) AS m USING (entry_id)
    """,
    "losses are made up by refunded points of their own lots": """
        SELECT CASE WHEN l.given_back THEN l.amount < coalesce(r.amount, 0)
                ELSE coalesce(l.amount, 0) <> coalesce(r.amount, 0) END
            OR coalesce(d.amount, 0) <> coalesce(r.amount, 0) AS differs
        FROM (
            SELECT o.reversal_id, sum(o.amount - o.remaining) AS amount, bool_or(u.entry_id IS NOT NULL) AS given_back
            FROM loss AS o LEFT JOIN entry AS u ON u.programme_id = :programme_id AND u.kind = :reinstatement_kind
                AND u.subject_id = o.reversal_id
            WHERE o.programme_id = :programme_id GROUP BY o.reversal_id
        ) AS l
        FULL JOIN (
            SELECT e.subject_id AS reversal_id, sum(p.amount) AS amount
            FROM entry AS e JOIN posting AS p USING (programme_id, entry_id)
            WHERE e.programme_id = :programme_id AND e.kind = :repayment_kind AND NOT EXISTS (
                SELECT FROM posting AS o WHERE o.programme_id = :programme_id AND o.entry_id = e.entry_id
                    AND o.source_kind = :owed
            ) GROUP BY e.subject_id
        ) AS r USING (reversal_id)
        LEFT JOIN (
            SELECT e.subject_id AS reversal_id, sum(d.amount) AS amount
            FROM entry AS e JOIN lot_draw AS d ON d.programme_id = :programme_id AND d.drawn_by = e.entry_id
            JOIN entry AS v ON v.programme_id = :programme_id AND v.entry_id = e.subject_id AND v.subject_id = d.lot_id
            WHERE e.programme_id = :programme_id AND e.kind = :repayment_kind AND NOT EXISTS (
                SELECT FROM posting AS o WHERE o.programme_id = :programme_id AND o.entry_id = e.entry_id
                    AND o.source_kind = :owed
            ) GROUP BY e.subject_id
        ) AS d USING (reversal_id)
    """,
    "what is given back is what budgets had got, once": """
        SELECT g.amount IS DISTINCT FROM b.amount AS differs
        FROM (
            SELECT e.subject_id AS reversal_id, p.source_id AS budget_id, sum(p.amount) AS amount
            FROM entry AS e JOIN posting AS p USING (programme_id, entry_id)
            WHERE e.programme_id = :programme_id AND e.kind = :reinstatement_kind AND p.source_kind = :budget
            GROUP BY e.subject_id, p.source_id
        ) AS g
        FULL JOIN (
            SELECT e.reversal_id, p.destination_id AS budget_id, sum(p.amount) AS amount
            FROM (
                SELECT DISTINCT subject_id AS reversal_id, subject_id AS entry_id FROM entry
                WHERE programme_id = :programme_id AND kind = :reinstatement_kind
                UNION ALL
                SELECT subject_id, entry_id FROM entry
                WHERE programme_id = :programme_id AND kind = :repayment_kind AND subject_id IN (
                    SELECT subject_id FROM entry WHERE programme_id = :programme_id AND kind = :reinstatement_kind
                )
            ) AS e
            JOIN posting AS p ON p.programme_id = :programme_id AND p.entry_id = e.entry_id
                AND p.destination_kind = :budget
            GROUP BY e.reversal_id, p.destination_id
        ) AS b USING (reversal_id, budget_id)
    """,
    "grams are given back as they were taken, and nothing is owed or lost any more": """
        SELECT coalesce(v.grams, 0) <> coalesce(g.grams, 0)
            OR EXISTS (SELECT FROM debt AS o
                WHERE o.programme_id = :programme_id AND o.reversal_id = u.subject_id AND o.remaining > 0)
            OR EXISTS (SELECT FROM loss AS o
                WHERE o.programme_id = :programme_id AND o.reversal_id = u.subject_id AND o.remaining > 0) AS differs
        FROM (SELECT * FROM entry WHERE programme_id = :programme_id AND kind = :reinstatement_kind) AS u
        LEFT JOIN (
            SELECT entry_id, sum(amount) AS grams FROM posting
            WHERE programme_id = :programme_id AND source_kind = :issued AND asset = :grams GROUP BY entry_id
        ) AS g ON g.entry_id = u.entry_id
        LEFT JOIN (
            SELECT entry_id, sum(amount) AS grams FROM posting
            WHERE programme_id = :programme_id AND destination_kind = :issued AND asset = :grams GROUP BY entry_id
        ) AS v ON v.entry_id = u.subject_id
    """,
    "open debts stand against the account clawback": """
        SELECT (SELECT coalesce(sum(remaining), 0) FROM debt WHERE programme_id = :programme_id) <> coalesce(sum(
            CASE WHEN source_kind = :clawback THEN amount ELSE -amount END
        ), 0) AS differs
        FROM posting WHERE programme_id = :programme_id AND :clawback IN (source_kind, destination_kind)
    """,
    "no programme-wide account is overdrawn": """
        SELECT CASE WHEN kind IN (:issued, :clawback) THEN sum(change) > 0 ELSE sum(change) < 0 END AS differs
        FROM posting CROSS JOIN LATERAL (VALUES (source_kind, -amount), (destination_kind, amount)) AS m (kind, change)
        WHERE programme_id = :programme_id AND kind <> ALL(CAST(:kept AS smallint[]))
        GROUP BY kind, asset
    """,
}
