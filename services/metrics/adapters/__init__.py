"""What connects metrics to databases and messages."""
