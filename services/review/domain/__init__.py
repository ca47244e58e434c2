"""What the law and the plan say about review and decision; no framework here."""
