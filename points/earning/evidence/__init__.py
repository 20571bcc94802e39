"""What proves that something was bought: units of serialised labels, and receipts of anonymous sales."""
