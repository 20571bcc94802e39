"""Scans and purchases become activities with receipts, each credited once."""
