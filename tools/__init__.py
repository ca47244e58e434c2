"""What keeps the project in order; not part of the running system."""
