"""What counts as a refusal that the tests produced."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from servicekit.blob_rules import BlobTooLargeError
from servicekit.errors import ConflictError
from tools.produced import Produced, Reason

ROOT = Path(__file__).resolve().parents[2]
CONFLICT = Reason("all", "STALE_REVISION")
MAKE = compile("kind(message, **facts)", "servicekit/made.py", "exec")


def made_by_the_kit(kind, message, **facts):
    exec(MAKE, {"kind": kind, "message": message, "facts": facts})


@pytest.fixture
def produced():
    watching = Produced()
    watching.watch()
    yield watching
    watching.leave()


def test_a_refusal_that_the_code_made_counts(produced):
    assert CONFLICT in produced.missing()
    made_by_the_kit(ConflictError, "changed")
    assert produced.reasons == {CONFLICT}
    assert CONFLICT not in produced.missing()


def test_a_refusal_that_a_test_made_does_not_count(produced):
    assert ConflictError("made here").facts == {}
    assert produced.reasons == set()


def test_a_refusal_that_cannot_be_said_does_not_count(produced):
    made_by_the_kit(BlobTooLargeError, "too large")
    assert produced.reasons == set()
    made_by_the_kit(BlobTooLargeError, "too large", largest="5")
    assert produced.reasons == {Reason("all", "BLOB_TOO_LARGE")}


def test_a_run_that_left_refusals_out_fails_and_names_them(tmp_path):
    (tmp_path / "test_one.py").write_text("def test_one():\n    assert True\n")
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "tools.produced",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            str(tmp_path),
            "-c",
            "/dev/null",
            str(tmp_path),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == pytest.ExitCode.TESTS_FAILED
    assert "all       PAGE_TOKEN_INVALID" in run.stdout
