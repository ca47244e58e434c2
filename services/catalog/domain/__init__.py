"""The law of the catalogue: no framework here."""
