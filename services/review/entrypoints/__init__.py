"""The processes of review, one module each."""
