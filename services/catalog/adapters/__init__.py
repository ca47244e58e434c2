"""What connects the catalogue to databases, messages and files."""
