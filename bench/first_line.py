"""A process of ours says with its first line that it is ready."""

from __future__ import annotations

import subprocess
import threading

__all__ = ["first_line"]


def first_line(process: subprocess.Popen[str], *, within: float) -> str:
    """Wait so many seconds for the first line of its output; empty where none came in time."""
    said: list[str] = []
    stream = process.stdout
    if stream is None:
        raise ValueError("the process was started without a pipe for its output")
    reader = threading.Thread(target=lambda: said.append(stream.readline()), daemon=True)
    reader.start()
    reader.join(within)
    return said[0] if said else ""
