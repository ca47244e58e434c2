"""A small TCP proxy between the processes and what they talk to, and the faults of a line.

Every line of a district (a service to its database, to the broker, a caller to an api) has a
listening port of its own. What passes is forwarded as it came; it can be slowed down, held back,
or cut in the middle of what is being said. The proxy understands nothing of what it carries.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["LOOPBACK", "Line", "Network"]

LOOPBACK: Final = "127.0.0.1"
BACKLOG: Final = 512
SOON: Final = 0.02  # how often a line that is held back looks whether it still is


@dataclass(eq=False)
class Line:
    """One listening port and where it leads; what is set here holds from the next bytes on."""

    name: str
    target: int
    port: int = 0
    latency: float = 0.0  # seconds that each piece takes, in either direction
    held: bool = False  # nothing passes, though the connection stands
    refusing: bool = False  # new connections are closed at once
    pairs: set[_Pair] = field(default_factory=set)
    connections: int = 0
    cuts: int = 0


class Network:
    """The lines of a district, served by a thread of their own."""

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}
        self._servers: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()

    def add(self, name: str, target: int) -> Line:
        """Open a line to a port of this machine; its own port is free and stays the same."""
        line = Line(name, target)
        self._ask(self._listen(line))
        self.lines[name] = line
        return line

    def cut(self, line: Line, after: Callable[[], int]) -> int:
        """Let each connection pass so many bytes more, and then break it; return how many do."""

        def mark() -> int:
            for pair in line.pairs:
                pair.left = after()
            return len(line.pairs)

        return self._call(mark)

    def break_off(self, line: Line) -> int:
        """Break every connection now; return how many there were."""

        def all_of_them() -> int:
            pairs = tuple(line.pairs)
            for pair in pairs:
                pair.break_off()
            return len(pairs)

        return self._call(all_of_them)

    @contextlib.contextmanager
    def slow(self, line: Line, latency: float) -> Iterator[None]:
        """Let each piece of the line take that long, as long as the block lasts."""
        line.latency = latency
        try:
            yield
        finally:
            line.latency = 0.0

    @contextlib.contextmanager
    def held(self, line: Line) -> Iterator[None]:
        """Let nothing pass while the block lasts; then everything, in its order."""
        line.held = True
        try:
            yield
        finally:
            line.held = False

    def close(self) -> None:
        """End every line, and the thread."""
        self._ask(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        for line in self.lines.values():
            for pair in tuple(line.pairs):
                pair.break_off()
        for server in self._servers:
            await server.wait_closed()
        await asyncio.sleep(0)  # a turn of the loop, in which what was aborted is closed

    async def _listen(self, line: Line) -> None:
        server = await self._loop.create_server(
            lambda: _Entrance(line, self._loop), LOOPBACK, 0, backlog=BACKLOG
        )
        self._servers.append(server)
        line.port = int(server.sockets[0].getsockname()[1])

    def _ask(self, what: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    def _call(self, what: Callable[[], int]) -> int:
        async def called() -> int:
            return what()

        found: int = self._ask(called())
        return found


class _End(asyncio.Protocol):
    """One end of a connection; what it hears goes out at the other end."""

    def __init__(self, pair: _Pair | None) -> None:
        self.pair = pair
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self.pair is not None:
            self.pair.heard(self, data)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:
        if self.pair is not None:
            self.pair.lost(self)

    def pause_writing(self) -> None:
        if self.pair is not None:
            self.pair.other(self).transport.pause_reading()

    def resume_writing(self) -> None:
        if self.pair is not None:
            with contextlib.suppress(RuntimeError):  # closing already
                self.pair.other(self).transport.resume_reading()


class _Entrance(_End):
    """The end at which somebody connects; the other end is reached for at once."""

    def __init__(self, line: Line, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(None)
        self._line = line
        self._loop = loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._line.connections += 1
        if self._line.refusing:
            self.transport.abort()
            return
        self.transport.pause_reading()
        self._reaching = self._loop.create_task(self._reach())

    async def _reach(self) -> None:
        exit_end = _End(None)
        try:
            await self._loop.create_connection(lambda: exit_end, LOOPBACK, self._line.target)
        except OSError:
            self.transport.abort()
            return
        pair = _Pair(self._line, self, exit_end, self._loop)
        self.pair = exit_end.pair = pair
        self._line.pairs.add(pair)
        if self.transport.is_closing():
            pair.break_off()
        else:
            self.transport.resume_reading()


class _Pair:
    """A connection and its continuation."""

    def __init__(
        self, line: Line, entrance: _End, exit_end: _End, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._line = line
        self._ends = (entrance, exit_end)
        self._loop = loop
        self._waiting: deque[tuple[float, _End, bytes]] = deque()
        self._pumping = False
        self.left: int | None = None  # bytes that still pass before the line breaks

    def other(self, end: _End) -> _End:
        return self._ends[1] if end is self._ends[0] else self._ends[0]

    def heard(self, end: _End, data: bytes) -> None:
        if not (self._waiting or self._line.latency or self._line.held):
            self._pass(end, data)
            return
        self._waiting.append((self._loop.time() + self._line.latency, end, data))
        if not self._pumping:
            self._pumping = True
            self._pump()

    def lost(self, end: _End) -> None:
        """Close the other end too, after what is still under way to it."""
        if self._waiting:
            self._waiting.append((self._loop.time(), end, b""))
            return
        self._close(end)

    def break_off(self) -> None:
        self._waiting.clear()
        self._line.pairs.discard(self)
        for end in self._ends:
            end.transport.abort()

    def _pump(self) -> None:
        while self._waiting and not self._line.held and self._waiting[0][0] <= self._loop.time():
            _due, end, data = self._waiting.popleft()
            if data:
                self._pass(end, data)
            else:
                self._close(end)
        self._pumping = bool(self._waiting)
        if self._pumping:
            wait = max(self._waiting[0][0] - self._loop.time(), 0.0)
            self._loop.call_later(SOON if self._line.held else wait, self._pump)

    def _pass(self, end: _End, data: bytes) -> None:
        out = self.other(end).transport
        if self.left is None or len(data) < self.left:
            if self.left is not None:
                self.left -= len(data)
            out.write(data)
            return
        # Half of what was being said arrives; then the line is dead in both directions.
        out.write(data[: self.left])
        out.close()
        end.transport.abort()
        self._line.cuts += 1
        self._line.pairs.discard(self)

    def _close(self, end: _End) -> None:
        self._line.pairs.discard(self)
        self.other(end).transport.close()
