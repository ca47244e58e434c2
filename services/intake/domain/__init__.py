"""The case file as rules and aggregates without any framework."""
