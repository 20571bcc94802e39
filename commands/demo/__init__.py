"""A demonstration city and one lively day in it.

Its products have numbers of the 952 range, which GS1 keeps for demonstrations: no maker's product is given a footprint
that it does not have. Its baselines are published figures; what its products emit is made up.
"""
