"""Mutation tests of the domains and handlers, inside one process (ADR 0034)."""
