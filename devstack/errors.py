from __future__ import annotations


class DevstackError(Exception):
    """A server or process of the development stack did not do what was asked."""


class MissingPackagesError(DevstackError):
    """Programs are missing and may not be installed; the text says which, and how to get them."""


class ProcessDiedError(DevstackError):
    """A process ended before it was ready; the text holds the last lines of its log."""


class NotReadyError(DevstackError):
    """A process runs but was not ready in time; the text says what it still lacked."""
