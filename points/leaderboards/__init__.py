"""Who stands where: a projection in Redis of what the ledger knows, rebuilt at will."""
