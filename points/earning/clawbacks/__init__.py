"""Orders that take credits back, or put their figures right: tried out first, then carried out chunk by chunk."""
