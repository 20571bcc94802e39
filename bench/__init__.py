"""What is measured, against what, in one run on one machine."""
