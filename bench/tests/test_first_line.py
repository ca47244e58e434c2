from __future__ import annotations

import subprocess
import sys

import pytest

from bench.first_line import first_line


def start(code):
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; print('ready', flush=True); sys.stdin.read()", "ready\n"),
        ("raise SystemExit", ""),
    ],
    ids=["it lives on", "it ended without a word"],
)
def test_it_is_heard_as_soon_as_it_speaks_or_ends(code, said):
    with start(code) as process:
        assert first_line(process, within=300) == said
        process.communicate()


def test_one_that_says_nothing_is_not_waited_for_longer():
    with start("import sys; sys.stdin.read()") as process:
        assert first_line(process, within=0.1) == ""
        process.kill()
