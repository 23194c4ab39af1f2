"""Tables that add fields to events: CSV or JSON files."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from pydantic import Field

from penstock.columns import as_text
from penstock.fields import Model

Table = dict[str, dict[str, Any]]
LARGEST: Final = 64 * 2**20
"""Bytes of a file."""


class LookupSettings(Model):
    """One table."""

    file: Path
    """`*.csv` with a line of names first, or `*.json`: an object of objects by key, or a list of objects. It is loaded
    again when it has changed; a relative path begins at the configuration's folder."""
    key: Annotated[str, Field(min_length=1)]
    """The field of the event that is looked for."""
    column: str = ""
    """Where in the table it is looked for; empty: in the first column, or as the key of the JSON object."""
    add: Sequence[str] = ()
    """The columns that are added; empty: all but that."""
    field: str = ""
    """The object that gets them; empty: the event itself."""
    overwrite: bool = True
    """What the event has under these names goes."""


def loader(settings: LookupSettings) -> Callable[[Path], Table]:
    """Reads such a file. What it returns raises `OSError` and `ValueError`."""

    def load(path: Path) -> Table:
        data = path.read_bytes()
        if len(data) > LARGEST:
            raise ValueError(f"is larger than {LARGEST >> 20} MiB")
        rows = _json(data) if path.suffix.lower() == ".json" else _csv(data)
        return dict(_chosen(settings, key, row) for key, row in rows)

    return load


def _csv(data: bytes) -> list[tuple[str, dict[str, Any]]]:
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        first = (reader.fieldnames or [""])[0]
        return [
            (row[first] or "", {name: value for name, value in row.items() if name is not None})
            for row in reader
        ]
    except (csv.Error, UnicodeDecodeError) as exc:
        raise ValueError(f"is no CSV: {exc}") from exc


def _json(data: bytes) -> list[tuple[str, dict[str, Any]]]:
    try:
        found = msgspec.json.decode(data, type=dict[str, dict[str, Any]] | list[dict[str, Any]])
    except msgspec.MsgspecError as exc:
        raise ValueError(f"is no JSON object of objects, nor a list of objects: {exc}") from exc
    if isinstance(found, dict):
        return list(found.items())
    return [(as_text(next(iter(row.values()), None)) or "", row) for row in found]


def _chosen(settings: LookupSettings, key: str, row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    column = settings.column
    if column:
        if column not in row:
            raise ValueError(f"has no column {column!r}; there are {', '.join(map(str, row))}")
        key = as_text(row[column]) or ""
    names = settings.add or [name for name in row if name != column and (column or row[name] != key)]
    if missing := [name for name in settings.add if name not in row]:
        raise ValueError(f"has no column {missing[0]!r}; there are {', '.join(map(str, row))}")
    return key, {name: row[name] for name in names}
