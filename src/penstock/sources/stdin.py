"""Lines from standard input, until its end."""

import asyncio
import fcntl
import os
import select
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, Literal

from penstock.sources.base import Accept, Source, SourceContext, SourceSettings, SourceStats
from penstock.sources.decode import Decoder
from penstock.sources.framing import Framer, Limit, NewlineFramer
from penstock.sources.intake import Intake
from penstock.sources.joining import JoiningFramer, Silence
from penstock.sources.multiline import JoinedSettings
from penstock.tasks import Tasks

CHUNK: Final = 256 * 2**10
"""Bytes read at a time, at most."""
PIPE: Final = 2**20
"""Bytes asked for between a writer and us, where standard input is a pipe (Linux; else 64 KiB)."""


class StdinSettings(SourceSettings, JoinedSettings):
    """Lines from standard input."""

    type: Literal["stdin"]

    def build(self, context: SourceContext) -> Source:
        return StdinSource(self, context)


class StdinSource:
    """Reads in a thread, since a file cannot be waited for by the loop and a terminal must stay blocking.

    One chunk at a time: while it is on its way, or the source is paused, the writer waits.
    """

    def __init__(self, settings: StdinSettings, context: SourceContext, fd: int = 0) -> None:
        self.name = context.name
        self.stats = SourceStats()
        self._fd = fd
        decoder = Decoder(settings, context, self.stats)
        self._framer: Framer = NewlineFramer(Limit(settings.max_line, settings.long_lines, self.stats))
        self._intake = Intake(decoder, context.clock)
        if settings.multiline is not None:
            joining = settings.multiline.joining()
            joiner = joining.joiner(lambda message: decoder.line(message, context.clock.time()))
            silence = Silence(context.clock, joining.timeout, lambda framer: self._intake.put(framer.rest()))
            self._framer = JoiningFramer(self._framer, joiner, silence)
        self._tasks = Tasks(f"source:{context.name}", self._crashed)
        self._open = asyncio.Event()
        self._open.set()
        self._stopping = False
        self._ended = asyncio.Event()
        self._crash: BaseException | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"source-{context.name}")
        self._wake: tuple[int, int] | None = None

    async def start(self, accept: Accept) -> None:
        self._intake.start(accept)
        self._wake = os.pipe()
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with suppress(OSError):  # no pipe, or the user has too many large ones
                fcntl.fcntl(self._fd, fcntl.F_SETPIPE_SZ, PIPE)
        self._tasks.start(self._run(self._wake[0]), "read")

    def pause(self) -> None:
        self.stats.paused = True
        self._open.clear()

    def resume(self) -> None:
        self.stats.paused = False
        self._open.set()

    async def stop(self) -> None:
        if self._stopping:
            return
        self._stopping = True
        self._open.set()
        if self._wake is not None:
            os.close(self._wake[1])  # ends the thread's wait
        await self._tasks.join()
        self._thread.shutdown()
        if self._wake is not None:
            os.close(self._wake[0])

    def endpoint(self) -> str:
        return "stdin"

    async def ended(self) -> None:
        await self._ended.wait()
        if self._crash is not None:
            raise self._crash

    async def _run(self, wake: int) -> None:
        loop = asyncio.get_running_loop()
        through = asyncio.Event()
        left = PIPE  # of what the pipe holds when we are told to stop
        while left > 0:
            await self._open.wait()
            data = await loop.run_in_executor(
                self._thread, _read, self._fd, wake, min(CHUNK, self._framer.bite)
            )
            if not data:
                break
            self.stats.bytes += len(data)
            if self._stopping:
                left -= len(data)
            through.clear()
            self._intake.put(self._framer.feed(data, len(data)), through.set)
            await through.wait()
        self._intake.put(self._framer.end())
        self._intake.flush()
        self._ended.set()

    def _crashed(self, error: BaseException) -> None:
        """Who waits for the end is told: else it would never come."""
        self._crash = error
        self._ended.set()


def _read(fd: int, wake: int, most: int) -> bytes:
    """The next bytes, so many at most; none at the end, or when `wake` is closed at its other side."""
    waiting = select.poll()
    waiting.register(fd, select.POLLIN)
    waiting.register(wake, select.POLLIN)
    while True:
        ready = {file for file, _ in waiting.poll()}
        if fd not in ready:
            return b""
        try:
            return os.read(fd, most)
        except BlockingIOError:  # another process has read it, or made the file non-blocking
            continue
        except OSError:  # a terminal that hung up
            return b""
