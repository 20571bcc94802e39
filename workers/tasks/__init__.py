"""Tasks, one file for a noun. Each takes ids, opens a transaction per chunk and calls one use case."""
