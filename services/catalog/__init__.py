"""What may be applied for, by whom it is handled, and under which authority."""
