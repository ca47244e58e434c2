"""`make mutants-of-the-spine`: each deliberate fault is found by simulation or by chaos, or else.

A mutant is a patch in `chaos/mutants`, with two lines before it: what it breaks, and who finds
it. It is applied to a copy of the tree; who is to find it runs there and must fail. First the
tree as it is must pass the same runs, or finding would mean nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Mutant", "apply", "copy_of_the_tree", "main", "mutants"]

ROOT: Final = Path(__file__).resolve().parent.parent
PATCHES: Final = ROOT / "chaos" / "mutants"
LEFT_OUT: Final = shutil.ignore_patterns(".*", "build", "var", "__pycache__", "*.egg-info", "tests")
SCHEDULES: Final = 80
SEED: Final = 1
ENDS_WITHIN_S: Final = 3600
FOUND, PASSED, BROKE = 1, 0, 2


@dataclass(frozen=True, slots=True)
class Mutant:
    """A patch, and who finds what it breaks: `simulation, journey 1` or `chaos, kill-postgres`."""

    name: str
    path: Path
    breaks: str
    found_by: str

    @property
    def command(self) -> tuple[str, ...]:
        """The arguments of the interpreter that must end with exit code 1."""
        return command(self.found_by)


def command(found_by: str) -> tuple[str, ...]:
    """Return the run that `found_by` describes."""
    who, _, what = found_by.partition(", ")
    if who == "simulation":
        journey = what.removeprefix("journey ")
        return ("-m", "simulator", "--seed", str(SEED), "--schedules", str(SCHEDULES),
                "--journeys", journey, "--first", "--as-it-is")  # fmt: skip
    if who == "chaos":
        return ("-m", "chaos", "--seed", str(SEED), "--round", "1", "--faults", what)
    raise ValueError(f"nobody is called {who!r}")


def mutants() -> list[Mutant]:
    """Return the committed mutants in the order of their names."""
    found = []
    for path in sorted(PATCHES.glob("*.patch")):
        breaks, found_by, *_ = path.read_text(encoding="utf-8").splitlines()
        found.append(Mutant(path.stem, path, breaks, found_by.removeprefix("Found by: ")))
    return found


def copy_of_the_tree(folder: Path) -> Path:
    """Copy what is run, without tests, into `folder`."""
    return Path(shutil.copytree(ROOT, folder / "tree", ignore=LEFT_OUT))


def apply(patch: Path, tree: Path, *more: str) -> None:
    """Apply a patch to a tree, or raise `CalledProcessError`: then the code has moved away."""
    git = shutil.which("git") or "git"
    words = [git, "apply", *more, str(patch)]
    # Outside of any checkout, or git would look for the files there.
    own = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tree.parent)}
    subprocess.run(words, cwd=tree, env=own, check=True, capture_output=True)  # noqa: S603


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if every mutant was found and the tree itself passes."""
    asked = _parser().parse_args(arguments)
    chosen = [each for each in mutants() if not asked.only or each.name in asked.only]
    missed: list[str] = []
    if not asked.no_control:
        for found_by in sorted({each.found_by for each in chosen}):
            code, last, seconds = _run(None, command(found_by))
            _say(f"as it is, {found_by}: {'passes' if code == PASSED else last}, {seconds:.0f} s")
            if code != PASSED:
                missed.append(f"the tree as it is ({found_by})")
    for each in chosen:
        code, last, seconds = _run(each, each.command)
        fate = "found" if code == FOUND else "NOT FOUND"
        _say(f"{each.name}: {fate} by {each.found_by}, {seconds:.0f} s: {last}")
        if code != FOUND:
            missed.append(each.name)
    if missed or not chosen:
        _say(f"FAILED: {', '.join(missed) or 'there is no such mutant'}")
        return 1
    _say(f"OK: {len(chosen)} of {len(chosen)} mutants of the spine were found")
    return 0


def _run(mutant: Mutant | None, words: Sequence[str]) -> tuple[int, str, float]:
    """Run in a copy of the tree; return the exit code, the first finding, the seconds.

    A run that broke has ruled on nothing: its code is neither that of a finding nor of none.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="liandong-mutant-") as temporary:
        tree = copy_of_the_tree(Path(temporary))
        if mutant is not None:
            apply(mutant.path, tree)
        path = os.pathsep.join((str(tree), str(tree / "protos" / "gen" / "python")))
        done = subprocess.run(  # noqa: S603 - our own interpreter and words
            [sys.executable, *words],
            cwd=tree,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
            timeout=ENDS_WITHIN_S,
        )
    seconds, verdict = time.monotonic() - began, done.stdout.splitlines()[-1:]
    if not verdict or not verdict[0].startswith(("OK", "FAILED")):
        return BROKE, (done.stderr or done.stdout).strip().splitlines()[-1][:160], seconds
    return done.returncode, _told(done.stdout), seconds


def _told(output: str) -> str:
    """Return the first finding, which is indented; without one the last line."""
    lines = output.splitlines()
    findings = [line.strip() for line in lines if line.startswith("  ") and line.strip()]
    return (findings or lines or ["nothing was said"])[0 if findings else -1][:160]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mutants-of-the-spine", description=__doc__)
    parser.add_argument("only", nargs="*", help="names of mutants; all without")
    parser.add_argument("--no-control", action="store_true", help="leave out the tree as it is")
    return parser


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
