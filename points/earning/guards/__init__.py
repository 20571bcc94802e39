"""What is held for review before it is credited, or refused: rules, counters, and the queue that people decide."""
