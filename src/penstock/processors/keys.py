"""Keys of events: the values of some fields as one thing that can be looked up and hashed."""

from collections.abc import Hashable, Sequence
from typing import Any, Final

import msgspec

from penstock.columns import Columns
from penstock.processors.events import Events

_NONE: Final = object()


class Keys:
    """Reads the key of each event; of two fields or more a tuple."""

    def __init__(self, fields: Sequence[str]) -> None:
        self.fields = tuple(fields)
        self._columns = Columns(fields, _NONE)

    def of(self, events: Events) -> Sequence[Hashable]:
        """One for each event. A field that is missing differs from all values; `1`, `1.0` and `true` are three."""
        if not self.fields:
            return [()] * events.count
        columns = [list(map(hashable, column)) for column in events.columns(self._columns)]
        return columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))

    def values(self, key: Hashable) -> dict[str, Any]:
        """The fields again, by their paths, of such a key."""
        parts = key if len(self.fields) > 1 and isinstance(key, tuple) else (key,)
        return {
            path: _value(part) for path, part in zip(self.fields, parts, strict=False) if part is not _NONE
        }


def hashable(value: Any) -> Hashable:
    """A field's value as a part of a key."""
    # Text is most of what there is, and equals nothing but itself; all else is told apart by how it is written.
    return value if value.__class__ is str or value is _NONE else _Written(msgspec.json.encode(value))


def _value(part: Any) -> Any:
    return msgspec.json.decode(part) if isinstance(part, _Written) else part


class _Written(bytes):
    """A value that is no text, as JSON."""

    __slots__ = ()


def as_bytes(key: Hashable) -> bytes:
    """The key for a hash that is the same in every process."""
    if isinstance(key, tuple):
        return b"\0".join(map(as_bytes, key))
    if key is _NONE:
        return b""
    if isinstance(key, bytes):
        return key
    # No text may look like two: what parts them is followed by no 1.
    return b'"' + str(key).replace("\0", "\0\1").encode("utf-8", "replace")
