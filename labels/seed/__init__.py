"""The base library: categories, baselines and factors that a city programme can begin with, each figure sourced."""
