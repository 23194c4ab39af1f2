"""Adds fields to events that have none of that name, and leaves every other byte as it is."""

from collections.abc import Mapping

import msgspec


class Tagger:
    """Called with NDJSON, gives NDJSON. With no fields it gives back what it got, unread."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._names = list(fields)
        self._pairs = [msgspec.json.encode({name: value})[1:-1] for name, value in fields.items()]
        kind = msgspec.defstruct(
            "Present", [(name, msgspec.Raw | msgspec.UnsetType, msgspec.UNSET) for name in fields], gc=False
        )
        self._decoder = msgspec.json.Decoder(kind)

    def __call__(self, data: bytes) -> bytes:
        if not self._names:
            return data
        lines = data.split(b"\n")
        for index, event in enumerate(self._decoder.decode_lines(data)):
            missing = [
                pair
                for name, pair in zip(self._names, self._pairs, strict=True)
                if getattr(event, name) is msgspec.UNSET
            ]
            if missing:
                lines[index] = _with(lines[index], b",".join(missing))
        return b"\n".join(lines)


def _with(line: bytes, pairs: bytes) -> bytes:
    """The object with the pairs in front, where a later white space or bracket needs no look."""
    body = line.lstrip()[1:].lstrip()
    return b"".join((b"{", pairs, b"" if body[:1] == b"}" else b",", body))
