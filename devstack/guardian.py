"""Ends the servers of a process that was killed before it could do so itself.

A guarded process holds the writing end of a pipe. However that process ends, the kernel closes
the pipe; the guardian, which reads the other end, then ends what the state file still names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from devstack.state import end_state


class Guardian:
    """A guardian process, as seen by the process that it guards."""

    def __init__(self, state_path: Path, remove: Sequence[Path] = ()) -> None:
        """Start to watch over what the state file names; `remove` goes with it at the end."""
        root = Path(__file__).resolve().parent.parent
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "devstack.guardian", state_path.absolute(), *remove],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(root)},
            start_new_session=True,
        )

    def dismiss(self) -> None:
        """Let it end whatever the state file still names, and go."""
        self._process.communicate()


def watch(state_path: Path, remove: Sequence[Path]) -> None:
    """Wait until the guarded process is gone or lets go; then end and remove what it left."""
    sys.stdin.buffer.read()
    end_state(state_path)
    for folder in remove:
        if folder.exists():
            shutil.rmtree(folder)


if __name__ == "__main__":
    watch(Path(sys.argv[1]), [Path(word) for word in sys.argv[2:]])
