"""Threads of a round: what ends one before its time is a finding, and not a line on stderr."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

__all__ = ["telling_thread"]


def telling_thread(
    findings: list[str], what: str, act: Callable[..., None], *more: Any
) -> threading.Thread:
    """Start a thread that does `act`; whatever error leaves it is told among the findings."""

    def tell() -> None:
        try:
            act(*more)
        except Exception as error:  # noqa: BLE001 - the outermost frame of a thread: told, not lost
            findings.append(f"{what} broke: {error!r}")

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    return thread
