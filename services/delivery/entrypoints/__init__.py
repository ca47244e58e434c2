"""The processes of delivery, one module each."""
