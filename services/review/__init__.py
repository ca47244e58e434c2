"""The departments' work and the clocks (审查与决定)."""
