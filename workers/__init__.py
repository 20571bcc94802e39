"""What runs by the clock or after the answer: thin tasks around the use cases of points."""
