"""The processes of metrics, one module each."""
