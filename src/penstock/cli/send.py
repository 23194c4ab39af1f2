"""`penstock send`: a small client."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, BinaryIO, Final, Protocol

import typer

from penstock.cli.output import tell
from penstock.cli.targets import Target, connect, trust
from penstock.clock import Clock, SystemClock, sleep
from penstock.errors import PenstockError

CHUNK: Final = 2**18
"""Bytes that are read at a time; a post carries at most as many, or one line."""
TICKS: Final = 20
"""With --rate, the lines of a second go in this many portions."""


class Advance(Protocol):
    """Told of each portion that has gone."""

    def __call__(self, sent_bytes: int, /) -> None: ...


@dataclass(slots=True)
class Sent:
    """What has gone so far."""

    lines: int = 0
    bytes: int = 0


def send(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="The lines; - or nothing is standard input.", show_default=False),
    ] = None,
    *,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            "-t",
            metavar="URL",
            help="tcp://host:port, tls://host:port, udp://host:port, unix:///path, unix-datagram:///path, or "
            "http://host:port/, https://host:port/",
        ),
    ] = "tcp://127.0.0.1:5170",
    rate: Annotated[
        float, typer.Option(metavar="LINES/S", min=0, help="Not faster than this; 0: no bound.")
    ] = 0,
    repeat: Annotated[int, typer.Option(metavar="N", min=1, help="Send the file so many times.")] = 1,
    token: Annotated[
        str,
        typer.Option(
            envvar="PENSTOCK_TOKEN", help="For http, where the source asks for one.", show_default=False
        ),
    ] = "",
    ca: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Certificates to believe over TLS, beside the system's.", show_default=False
        ),
    ] = None,
    cert: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A certificate with its key, to show over TLS.", show_default=False
        ),
    ] = None,
    progress: Annotated[
        bool | None, typer.Option(help="A progress bar; by default on a terminal.", show_default=False)
    ] = None,
) -> None:
    """Send lines to a source, from a file or from standard input.

    Over http every line is confirmed: the daemon answers once it has them on disk. It is waited for while it is
    busy; a connection that breaks ends the command, with what had been sent.

    \b
    Examples:
      echo hello | penstock send
      penstock send app.log --to unix:///run/penstock/log.sock
      penstock send app.log --to tls://logs.example:6514 --ca /etc/ssl/our-ca.pem
      penstock send app.log --to http://127.0.0.1:8080/ --rate 5000 --repeat 10
    """  # noqa: D301 - \b is for the help
    path = None if file is None or str(file) == "-" else file
    if path is None and repeat > 1:
        raise typer.BadParameter("standard input can be read only once: --repeat needs a FILE")
    show = sys.stderr.isatty() if progress is None else progress
    with _bar(path, repeat) if show else nullcontext(_silent) as advance:
        sender = _Sender(rate, advance)
        try:
            tls = trust(ca, cert) if ca or cert else None
            asyncio.run(sender.run(path, partial(connect, to, token, tls=tls), repeat))
        except ValueError as exc:
            raise typer.BadParameter(f"--to {to} {exc}") from exc


class _Sender:
    """Pours a stream into a target, not faster than `rate` lines a second."""

    def __init__(self, rate: float, advance: Advance) -> None:
        self._rate = rate
        self._advance = advance
        self._clock: Clock = SystemClock()
        self._sent = Sent()

    async def run(self, path: Path | None, reach: Callable[[Clock], Awaitable[Target]], repeat: int) -> None:
        with _open(path) as stream:  # before connecting: a file that is not there is the nearer mistake
            target = await reach(self._clock)
            started = self._clock.monotonic()
            try:
                for _ in range(repeat):
                    if path is not None:
                        stream.seek(0)
                    await self._pour(stream, target, started)
                await target.finish()
            except PenstockError as exc:
                raise type(exc)(f"{exc} (after {self._sent.lines} lines)") from exc
            finally:
                await target.close()
        tell(summary(self._sent, self._clock.monotonic() - started, target.accepted))

    async def _pour(self, stream: BinaryIO, target: Target, started: float) -> None:
        portion = max(1, int(self._rate / TICKS)) if self._rate else 0
        for chunk in chunks(stream, CHUNK):
            for lines in portions(chunk, portion):
                await target.send(lines)
                self._sent.lines += lines.count(b"\n")
                self._sent.bytes += len(lines)
                self._advance(len(lines))
                if self._rate:
                    due = started + self._sent.lines / self._rate
                    await sleep(self._clock, max(0.0, due - self._clock.monotonic()))


def chunks(stream: BinaryIO, size: int) -> Iterator[bytes]:
    r"""Whole lines as they come, each ending in `\n`, the last one too."""
    rest: list[bytes] = []
    while data := stream.read1(size) if hasattr(stream, "read1") else stream.read(size):
        end = data.rfind(b"\n") + 1
        if end:
            yield b"".join([*rest, data[:end]])
            rest = []
        if end < len(data):
            rest.append(data[end:])
    if rest:
        yield b"".join([*rest, b"\n"])


def portions(chunk: bytes, lines: int) -> Iterator[bytes]:
    """The chunk in portions of so many lines; 0: as it is."""
    if not lines:
        yield chunk
        return
    whole = [line + b"\n" for line in chunk.split(b"\n")[:-1]]
    for start in range(0, len(whole), lines):
        yield b"".join(whole[start : start + lines])


def summary(sent: Sent, seconds: float, accepted: int | None) -> str:
    """`1,000 lines, 250,000 bytes in 0.21 s (4,762 lines/s), all confirmed`."""
    rate = f"{sent.lines / seconds:,.0f} lines/s" if seconds else "at once"
    confirmed = "" if accepted is None else f", {accepted:,} confirmed"
    return f"sent {sent.lines:,} lines, {sent.bytes:,} bytes in {seconds:.2f} s ({rate}){confirmed}"


def _open(path: Path | None) -> AbstractContextManager[BinaryIO]:
    if path is None:
        return nullcontext(sys.stdin.buffer)
    try:
        return path.open("rb")
    except OSError as exc:
        raise PenstockError(f"{path}: {exc.strerror}") from exc


def _silent(_sent_bytes: int) -> None:
    return


def _bar(path: Path | None, repeat: int) -> AbstractContextManager[Advance]:
    from penstock.cli.bar import bar  # noqa: PLC0415 - only who sees it pays for rich

    return bar(path.stat().st_size * repeat if path is not None and path.is_file() else None)
