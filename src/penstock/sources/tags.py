"""Adds fields to events that have none of that name, and leaves every other byte as it is."""

from collections.abc import Mapping
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec


class Tagger:
    """Called with NDJSON, gives NDJSON. With no fields it gives back what it got, unread."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._values = [attrgetter(name) for name in fields]
        pairs = [msgspec.json.encode({name: value})[1:-1] for name, value in fields.items()]
        # By which fields are missing, one bit each: what such an event then begins with.
        self._added = [
            b",".join([pair for bit, pair in enumerate(pairs) if missing >> bit & 1])
            for missing in range(1 << len(pairs))
        ]
        self._fronts = [b"{" + added + b"," if added else b"{" for added in self._added]
        self._decoder = _decoder_of(tuple(fields))

    def __call__(self, data: bytes) -> bytes:
        if not self._values:
            return data
        events = self._decoder.decode_lines(data)
        missing = [0] * len(events)
        for bit, value in enumerate(self._values):
            missing = [
                bits | (value(event) is msgspec.UNSET) << bit
                for bits, event in zip(missing, events, strict=True)
            ]
        lines = data.split(b"\n")
        fronts = self._fronts
        lines[:-1] = [
            fronts[bits] + line[1:] if line[:2] == b'{"' else self._tagged(line, bits)
            for line, bits in zip(lines, missing, strict=False)  # after the last newline there is nothing
        ]
        return b"\n".join(lines)

    def _tagged(self, line: bytes, missing: int) -> bytes:
        """For an object that begins with white space, or is empty."""
        if not missing:
            return line
        body = line.lstrip()[1:].lstrip()
        return b"".join((b"{", self._added[missing], b"" if body[:1] == b"}" else b",", body))


@cache
def _decoder_of(names: tuple[str, ...]) -> "msgspec.json.Decoder[Any]":
    """Tells which of these fields an event has. Kept, as making a type takes long and there are few sets of names."""
    kind = msgspec.defstruct(
        "Present", [(name, msgspec.Raw | msgspec.UnsetType, msgspec.UNSET) for name in names], gc=False
    )
    return msgspec.json.Decoder(kind)
