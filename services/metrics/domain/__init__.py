"""What is counted of a case, how it is rated, and the ratios of the plan. No infrastructure."""
