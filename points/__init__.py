"""What people earn, hold, lose and spend."""
