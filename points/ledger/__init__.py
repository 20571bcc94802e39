"""The only writer of postings. This page is its whole surface; nothing else in it may be imported.

Whoever changes what residents have goes in this order, so that no two batches ever wait for each other in a circle:
claims (sorted by key), residents (`lock`), things of their own, then `append`, which takes the budgets last of all.
"""

from points.ledger.accounts import (
    Account,
    AccountKind,
    Asset,
    Bearer,
    Claimed,
    ClaimState,
    Draft,
    EntryKind,
    Forgiveness,
    Holdings,
    HoldRequest,
    KeyUse,
    LotTerms,
    Posted,
    Posting,
    Refund,
    Rejected,
    Rejection,
    Reversal,
    Reversed,
    Settlement,
)
from points.ledger.audit import Finding, audit, proofs, prove
from points.ledger.claims import answer, claim, find, input_hash, lead, unclaim
from points.ledger.entries import append, budgets_left, fund, lock, lock_budgets
from points.ledger.holdings import budget_left, holdings
from points.ledger.holds import hold, lock_available, release, settle
from points.ledger.log import FIRST, log
from points.ledger.lots import expire, mature, release_lapsed
from points.ledger.refunds import refund
from points.ledger.reinstatements import Reinstated, Reinstatement, recovered, reinstate
from points.ledger.repayments import forgive, owing
from points.ledger.reversals import reverse
from points.ledger.serialisation import RecordedEntry, digest, serialised
from points.ledger.statement_queries import LATEST
from points.ledger.statements import (
    Carried,
    StatementLine,
    StatementPage,
    holdings_as_of,
    statement,
    statement_page,
)
from points.ledger.upcoming import Expiring, Maturing, expiring, maturing

__all__ = [
    "FIRST",
    "LATEST",
    "Account",
    "AccountKind",
    "Asset",
    "Bearer",
    "Carried",
    "ClaimState",
    "Claimed",
    "Draft",
    "EntryKind",
    "Expiring",
    "Finding",
    "Forgiveness",
    "HoldRequest",
    "Holdings",
    "KeyUse",
    "LotTerms",
    "Maturing",
    "Posted",
    "Posting",
    "RecordedEntry",
    "Refund",
    "Reinstated",
    "Reinstatement",
    "Rejected",
    "Rejection",
    "Reversal",
    "Reversed",
    "Settlement",
    "StatementLine",
    "StatementPage",
    "answer",
    "append",
    "audit",
    "budget_left",
    "budgets_left",
    "claim",
    "digest",
    "expire",
    "expiring",
    "find",
    "forgive",
    "fund",
    "hold",
    "holdings",
    "holdings_as_of",
    "input_hash",
    "lead",
    "lock",
    "lock_available",
    "lock_budgets",
    "log",
    "mature",
    "maturing",
    "owing",
    "proofs",
    "prove",
    "recovered",
    "refund",
    "reinstate",
    "release",
    "release_lapsed",
    "reverse",
    "serialised",
    "settle",
    "statement",
    "statement_page",
    "unclaim",
]
