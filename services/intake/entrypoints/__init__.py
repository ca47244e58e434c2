"""The processes of intake, one module each."""
