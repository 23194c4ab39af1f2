"""From syslog messages to events, a block at a time."""

from base64 import b64encode
from datetime import tzinfo
from itertools import groupby
from typing import Literal

from penstock.block import Block, count_lines
from penstock.sources.base import LineSettings, SourceContext, SourceStats
from penstock.sources.folds import Folds
from penstock.sources.json_lines import is_utf8
from penstock.sources.tags import Tagger
from penstock.syslog.columns import Columns
from penstock.syslog.stamps import Calendar, stamp_of


class SyslogLineSettings(LineSettings):
    """What becomes of a message, beside what becomes of any line."""

    structured_data: Literal["nested", "flat"] = "nested"
    """Structured data of RFC 5424 as one object, `structured_data`, by id and name; or each parameter as a field
    `sd.ID.NAME`."""
    keep_raw: bool = False
    """Add `raw`, the message as it came."""


class SyslogDecoder:
    """A `LineDecoder`. Messages that are no syslog keep their text, are marked and counted as `wrapped`."""

    most_lines = 1024  # a thousand of the costliest take seven milliseconds, of the usual ones one
    most_bytes = 2**17  # seven milliseconds for 64 KiB of nothing but parameters
    nul_ends = True
    whole_datagrams = True

    def __init__(
        self, settings: SyslogLineSettings, zone: tzinfo | None, context: SourceContext, stats: SourceStats
    ) -> None:
        self._source = context.name
        self._stats = stats
        self._base64 = settings.invalid_utf8 == "base64"
        self._folds = Folds()
        self._columns = Columns(
            Calendar(zone),
            self._folds.unfold,
            flatten=settings.structured_data == "flat",
            keep_raw=settings.keep_raw,
        )
        self._tagger = Tagger(
            {
                **({"host": context.host} if settings.add_host else {}),
                **({"source": context.name} if settings.add_source else {}),
            }
        )

    def block(self, raw: bytes, arrived: float) -> Block | None:
        try:
            data, count = self._events(raw.decode(), arrived)
        except UnicodeDecodeError:
            data, count = self._mended(raw, arrived)
        self._stats.blank += count_lines(raw) - count
        if not count:
            return None
        self._stats.events += count
        return Block(self._tagger(data), count, self._source, arrived)

    def line(self, message: bytes, arrived: float) -> bytes:  # noqa: ARG002 - the time is that of its block
        return self._folds.fold(message) + b"\n"

    def _events(self, text: str, arrived: float) -> tuple[bytes, int]:
        data, count, unknown = self._columns.events(text, arrived)
        self._stats.wrapped += unknown
        return data, count

    def _mended(self, raw: bytes, arrived: float) -> tuple[bytes, int]:
        """Of messages of which some are not UTF-8."""
        lines = raw.split(b"\n")[:-1]
        self._stats.invalid_utf8 += [is_utf8(line) for line in lines].count(False)
        if not self._base64:
            return self._events(
                raw.decode(errors="replace"), arrived
            )  # a newline is never part of what is replaced
        made: list[bytes] = []
        count = 0
        for good, run in groupby(lines, is_utf8):
            if good:
                data, events = self._events("".join([f"{line.decode()}\n" for line in run]), arrived)
            else:
                coded = [self._coded(line, arrived) for line in run]
                self._stats.wrapped += len(coded)
                data, events = b"".join(coded), len(coded)
            made.append(data)
            count += events
        return b"".join(made), count

    def _coded(self, line: bytes, arrived: float) -> bytes:
        """The event of a message that is kept byte for byte."""
        message = self._folds.unfold(line.decode("latin-1")).encode("latin-1").rstrip(b"\r\0")
        form = b'{"timestamp":"%s","unparsed":"syslog","message_base64":"%s"}\n'
        return form % (stamp_of(arrived).encode(), b64encode(message))
