"""How a sentence names what has a name and a code."""

from __future__ import annotations

__all__ = ["named"]


def named(name: str | None, code: str) -> str:
    """Return the name with its code behind it, as a person reads it; the code where none is known.

    The name says what is meant, the code is what can be searched for and typed in.
    """
    return f"{name}（{code}）" if name else code
