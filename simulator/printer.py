"""A printer that does everything but the layout: the facts and the template are the real ones.

A page costs the real printer more than the rest of its schedule together. What
it returns is the template's text in the dress of a PDF, so that a document
printed twice is still the same file, and two documents are still two.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

__all__ = ["cheap_printer"]


def _pdf(xml: str, *, watermark: str | None, created_at: datetime) -> bytes:
    head = f"%PDF-1.7\n% {created_at.isoformat()} {watermark or ''}\n"
    return f"{head}{xml}\n%%EOF\n".encode()


@contextmanager
def cheap_printer() -> Iterator[None]:
    """Print like this inside the block."""
    with patch("services.intake.adapters.printing.render_pdf", _pdf):
        yield
