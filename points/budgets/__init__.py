"""What pays for points: how it is funded, what is left, when it runs out, and who hears of it in time."""
