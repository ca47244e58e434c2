"""What connects delivery to databases and messages."""
