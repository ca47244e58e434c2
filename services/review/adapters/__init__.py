"""What connects review to databases and messages."""
