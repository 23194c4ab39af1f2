"""The time of an event as Splunk takes it: seconds since the epoch in plain decimal.

Scientific notation is refused there (code 15), and what stands behind the point is worth keeping: it is carried over
digit by digit, since a float of today holds no nanoseconds.
"""

import re
from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any, Final

from penstock.block import Batch
from penstock.destinations.event_time import event_time
from penstock.destinations.leading_times import LeadingTimes

LONGEST: Final = len("253402300799.123456789")
"""Bytes of a time, at most."""

_LENGTH: Final = len("2026-01-02T03:04:05")
_SECOND: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", re.ASCII)
_REST: Final = re.compile(r"(\.\d{1,9})?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?", re.ASCII)
_LEAST_DIGITS: Final = 3
_MOST_KNOWN: Final = 4096


class Times:
    """Writes the times of events, each behind the same text."""

    def __init__(self, field: str, before: bytes = b"") -> None:
        """`field` is where an event says when it happened; "" for nowhere."""
        self._before = before
        self._leading = LeadingTimes(
            b'{"%b":"' % field.encode(), lambda whole: before + b"%d" % whole, _padded
        )
        # Neighbouring events share the second and the zone, and many loggers write three digits: both are looked up.
        self._seconds: dict[str, bytes] = {}
        """By date, hour and zone: `before` and the whole seconds."""
        self._rests: dict[str, tuple[bytes, str]] = {}
        """By what stands behind the seconds: its digits with their point; and its zone."""

    def ahead(self, lines: Sequence[bytes]) -> tuple[Sequence[bytes], Sequence[bytes]] | None:
        """The times in two pieces each, where every event begins with its time and all are written alike."""
        return self._leading.of(lines)

    def of(self, batch: Batch, values: Sequence[object]) -> list[bytes]:
        """For each event what it says of its time (`values`); where that is no time, when it arrived."""
        arrived = chain.from_iterable([repeat(piece.arrived, piece.count) for piece in batch.pieces])
        seconds, rests = self._seconds, self._rests
        texts: list[bytes] = []
        for value, at in zip(values, arrived, strict=True):
            try:
                fraction, zone = rests[value[_LENGTH:]]  # type: ignore[index] # or it raises
                texts.append(seconds[value[:_LENGTH] + zone] + fraction)  # type: ignore[index] # the same
            except (KeyError, TypeError):
                texts.append(self._new(value, at))
        return texts

    def at(self, time: float) -> bytes:
        """Seconds since the epoch, to the millisecond or, where they are finer, to the microsecond."""
        text = f"{time + 0.0:.6f}"  # there is a zero that would be written as -0
        return self._before + text.removesuffix("000").encode()

    def _new(self, value: object, arrived: float) -> bytes:
        """A time of which a part has not been met lately."""
        form = _REST.fullmatch(value[_LENGTH:]) if isinstance(value, str) else None
        if not isinstance(value, str) or form is None or not _SECOND.fullmatch(value[:_LENGTH]):
            time = event_time(value)
            return self.at(arrived if time is None else time)
        digits, zone = _padded((form[1] or "").encode()), form[2] or ""
        if len(digits) <= _LEAST_DIGITS + 1:  # finer ones hardly come again
            _remember(self._rests, value[_LENGTH:], (digits, zone))
        second = value[:_LENGTH] + zone
        text = self._seconds.get(second)
        if text is None:
            whole = event_time(second)
            if whole is None:
                return self.at(arrived)
            text = self._before + b"%d" % whole
            _remember(self._seconds, second, text)
        return text + digits


def _remember(known: dict[Any, Any], key: object, value: object) -> None:
    if len(known) >= _MOST_KNOWN:
        known.clear()
    known[key] = value


def _padded(fraction: bytes) -> bytes:
    """At least three digits behind the point."""
    return (fraction or b".").ljust(_LEAST_DIGITS + 1, b"0")
