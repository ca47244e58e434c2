"""Delivery: parcels both ways and who pays (寄递)."""
