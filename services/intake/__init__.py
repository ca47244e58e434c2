"""Intake: the case file from first contact to hand-out (收件、受理、出件)."""
