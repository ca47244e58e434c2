"""What a fault is: it begins, lasts for a while, and is over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from random import Random

from chaos.ground import Ground

__all__ = ["Fault", "again_and_again"]

Fault = Callable[[Ground, Random], AbstractContextManager[None]]


@contextmanager
def again_and_again(
    ground: Ground, random: Random, act: Callable[[], None], pause: tuple[float, float]
) -> Iterator[None]:
    """Do something at once, and again after pauses of a drawn length, while the block lasts."""
    over = threading.Event()

    def keep_on() -> None:
        try:
            while True:
                act()
                if over.wait(random.uniform(*pause)):
                    return
        except Exception as error:  # noqa: BLE001 - a fault that cannot be made is told
            ground.findings.append(f"FAULT broke: {error!r}")

    thread = threading.Thread(target=keep_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
