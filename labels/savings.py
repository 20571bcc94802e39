"""(footprint, baseline, quantity, evidence) -> saving or refusal. Pure and exact: whole numbers from end to end."""
