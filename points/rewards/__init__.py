"""What points can be exchanged for, and the exchange."""
