"""Parcels both ways and who pays, as rules and aggregates without any framework."""
