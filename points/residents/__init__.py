"""People: joining, consent, where they live."""
