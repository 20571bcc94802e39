"""A city made of published data: real product numbers, published footprints, and a year of grocery baskets.

None of the sources links a sale or a product number to a footprint, so the links are ours and say so: every product,
footprint and certificate made here has a `source` that begins with TEST BINDING. They are for tests and measurements.
"""
