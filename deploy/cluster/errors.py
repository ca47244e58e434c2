from __future__ import annotations


class ClusterError(Exception):
    """The cluster could not do what was asked; the text says what, and what to do."""
