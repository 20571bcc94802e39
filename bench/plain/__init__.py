"""The variant to beat: the same scan as most would write it first."""
