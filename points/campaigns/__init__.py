"""Green-purchase campaigns: typed rules, pure evaluation, their own funded budgets."""
