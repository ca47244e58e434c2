"""The processes of the catalogue, one module each."""
