"""What a footprint discloses beyond its figure: how it is made up, what it was worked out for, how good it is."""
