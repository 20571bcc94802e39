"""What became of credits afterwards: returns, clawbacks and corrections, each by an entry of its own."""
