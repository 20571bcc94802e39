"""The only writer of postings. This page is its whole surface; nothing else in it may be imported.

Whoever changes what residents have goes in this order, so that no two batches ever wait for each other in a circle:
claims (sorted by key), residents (`lock`), things of their own, then `append`, which takes the budgets last of all.
"""

from points.ledger.accounts import (
    Account,
    AccountKind,
    Asset,
    Claimed,
    ClaimState,
    Draft,
    EntryKind,
    Holdings,
    HoldRequest,
    KeyUse,
    LotTerms,
    Posted,
    Posting,
    Rejected,
    Rejection,
)
from points.ledger.audit import Finding, audit, proofs
from points.ledger.claims import answer, claim, find, input_hash
from points.ledger.entries import append, budgets_left, fund, lock, lock_budgets
from points.ledger.holds import hold, lock_available, release, settle
from points.ledger.lots import expire, mature, release_lapsed
from points.ledger.statements import LATEST, StatementLine, budget_left, holdings, statement

__all__ = [
    "LATEST",
    "Account",
    "AccountKind",
    "Asset",
    "ClaimState",
    "Claimed",
    "Draft",
    "EntryKind",
    "Finding",
    "HoldRequest",
    "Holdings",
    "KeyUse",
    "LotTerms",
    "Posted",
    "Posting",
    "Rejected",
    "Rejection",
    "StatementLine",
    "answer",
    "append",
    "audit",
    "budget_left",
    "budgets_left",
    "claim",
    "expire",
    "find",
    "fund",
    "hold",
    "holdings",
    "input_hash",
    "lock",
    "lock_available",
    "lock_budgets",
    "mature",
    "proofs",
    "release",
    "release_lapsed",
    "settle",
    "statement",
]
