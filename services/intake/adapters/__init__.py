"""What connects intake to databases, messages, files and other services."""
