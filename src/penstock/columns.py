"""Some fields of each event of a block or a batch, read in one pass, the rest skipped."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from penstock.block import Batch, Block


class Columns:
    """Reads these fields; a dot goes into an object: `context.request_id`."""

    def __init__(self, paths: Sequence[str], missing: Any = None) -> None:
        """A field whose own name holds the dot is found as well, and comes first.

        `missing` stands for what an event does not have; a null is `None`. Raises `ValueError` for a name with a quote, a backslash or a control character.
        """
        self.paths = tuple(paths)
        self._missing = missing
        self._names = list(dict.fromkeys(name for path in paths for name in _outer_names(path)))
        # Fields have made-up names, as those of events need be no identifiers.
        fields = [(f"f{number}", Any, missing) for number in range(len(self._names))]
        renamed = {f"f{number}": name for number, name in enumerate(self._names)}
        self._row: type[msgspec.Struct] = msgspec.defstruct("Row", fields, rename=renamed, gc=False)
        self._decoder = msgspec.json.Decoder(self._row)
        self._getters = [self._getter(path) for path in paths]

    def read(self, batch: Batch | Block) -> list[list[Any]]:
        """For each path its values, one for each event; `missing` where it has no such field."""
        if not self.paths:
            return []
        rows = self._rows(batch)
        return [list(map(get, rows)) for get in self._getters]

    def look_up(self, rows: Sequence[dict[str, Any]]) -> list[list[Any]]:
        """The same of events that are decoded."""
        missing = self._missing
        return [
            [look_up(row, path, missing) for row in rows]
            if "." in path
            else [row.get(path, missing) for row in rows]
            for path in self.paths
        ]

    def _rows(self, batch: Batch | Block) -> list[msgspec.Struct]:
        try:
            return self._decoder.decode_lines(batch.data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return [self._row_of(line) for line in batch.lines()]

    def _row_of(self, line: bytes) -> msgspec.Struct:
        # What is valid JSON may still be no text (a lone surrogate): such an event has none of the fields.
        try:
            return self._decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return self._row()

    def _getter(self, path: str) -> Callable[[msgspec.Struct], Any]:
        ways = []
        for name in _outer_names(path):
            inner = path[len(name) + 1 :].split(".") if len(name) < len(path) else []
            ways.append((f"f{self._names.index(name)}", inner))
        if len(ways) == 1:
            return attrgetter(ways[0][0])
        missing = self._missing
        return lambda row: next(
            (v for f, inner in ways if (v := down(getattr(row, f), inner, missing)) is not missing), missing
        )


def look_up(row: dict[str, Any], path: str, missing: Any = None) -> Any:
    """A field of a decoded event, with the same rules."""
    value = row.get(path, missing)
    return down(row, path.split("."), missing) if value is missing and "." in path else value


def _outer_names(path: str) -> list[str]:
    """The names at the top of an event under which the path may begin, the whole of it first."""
    first = path.partition(".")[0]
    return [path] if first == path else [path, first]


def down(value: Any, names: Sequence[str], missing: Any = None) -> Any:
    """What lies inside a value under these names, one within the other."""
    for name in names:
        if not isinstance(value, dict):
            return missing
        value = value.get(name, missing)
    return value


def as_text(value: Any) -> str | None:
    """A field's value as a service's text: strings as they are, numbers and booleans as in JSON; none for the rest."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None
