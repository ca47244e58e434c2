"""Lines that break in the middle of what is being said, and a database that is slow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from random import Random
from typing import Final

from chaos.faults.base import again_and_again
from chaos.ground import Ground

__all__ = ["cut_half_way", "slow_database"]

KINDS: Final = ("postgres", "rabbitmq", "api")
BETWEEN_CUTS_S: Final = (0.3, 1.2)
LARGEST_PIECE: Final = 3000  # bytes that still pass; a command is about as long
LATENCY_S: Final = (0.02, 0.15)  # for each round trip twice that


def cut_half_way(ground: Ground, random: Random) -> AbstractContextManager[None]:
    """Break connections to the database, the broker and the apis after a few more bytes."""

    def cut_one() -> None:
        line = random.choice(ground.district.lines(random.choice(KINDS)))
        ground.district.network.cut(line, lambda: random.randint(1, LARGEST_PIECE))
        ground.counts["lines cut"] += 1

    return again_and_again(ground, random, cut_one, BETWEEN_CUTS_S)


@contextmanager
def slow_database(ground: Ground, random: Random) -> Iterator[None]:
    """Let every piece on the way to and from the databases take its time."""
    latency = random.uniform(*LATENCY_S)
    with ExitStack() as lines:
        for line in ground.district.lines("postgres"):
            lines.enter_context(ground.district.network.slow(line, latency))
        ground.counts["databases slowed"] += 1
        yield
