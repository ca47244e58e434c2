"""What a fault is: it begins, lasts for a while, and is over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from random import Random

from chaos.ground import Ground
from chaos.threads import telling_thread

__all__ = ["Fault", "again_and_again"]

Fault = Callable[[Ground, Random], AbstractContextManager[None]]


@contextmanager
def again_and_again(
    ground: Ground, random: Random, act: Callable[[], None], pause: tuple[float, float]
) -> Iterator[None]:
    """Do something at once, and again after pauses of a drawn length, while the block lasts."""
    over = threading.Event()

    def keep_on() -> None:
        while True:
            act()
            if over.wait(random.uniform(*pause)):
                return

    thread = telling_thread(ground.findings, "FAULT", keep_on)
    try:
        yield
    finally:
        over.set()
        thread.join()
