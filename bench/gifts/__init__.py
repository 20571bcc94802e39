"""A year of a gift shop's invoices: returns, buyers who are not known, repeated lines, and codes that are no products.

No source says what a gift's footprint is. A gift is taken for one of the products on the shelf of bench.groceries,
whose bindings say that they are for tests.
"""
