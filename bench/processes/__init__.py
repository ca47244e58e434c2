"""Processes that stand beside those of the district, for comparison."""
