"""Lines of CSV (RFC 4180), with columns named in the configuration."""

import re
from collections.abc import Sequence

from penstock.parsing.base import Fields, OneByOne
from penstock.parsing.values import NO_CASTS, NOT_TEXT, Casts, typed


class CsvLine(OneByOne):
    """One line a text; it has as many cells as there are columns, or is not taken.

    Cells between quotes are text; others are numbers and booleans where they are written so, and missing where they
    are empty. A column called "" or `-` is left out.
    """

    def __init__(
        self, columns: Sequence[str], casts: Casts = NO_CASTS, *, delimiter: str = ",", quote: str = '"'
    ) -> None:
        """Raises `ValueError` for options that make no CSV."""
        if len(delimiter) != 1 or len(quote) > 1 or delimiter == quote or delimiter in "\r\n":
            raise ValueError(
                'delimiter and quote are one character each, and two different ones; no quote is ""'
            )
        self._casts = casts
        named = [name for name in columns if name not in ("", "-")]
        if not named:
            raise ValueError("names no column: write columns: [time, level, message]")
        if len(set(named)) < len(named):
            twice = next(name for name in named if named.count(name) > 1)
            raise ValueError(f"names the column {twice!r} twice")
        self._columns = ["" if name == "-" else name for name in columns]
        self._delimiter, self._quote = delimiter, quote
        d, q = re.escape(delimiter), re.escape(quote)
        quoted = f"({q}(?:[^{q}]++|{q}{q})*+{q})" if quote else "((?!))"
        self._cell = re.compile(rf"(?:{quoted}|([^{d}]*+))(?:({d})|\Z)", re.DOTALL)
        self._named = [(name, index) for index, name in enumerate(self._columns) if name]

    def parse(self, text: str, received: float) -> Fields | None:
        text = text.rstrip("\r\n")
        quoted = self._quote and self._quote in text
        fields = self._quoted(text) if quoted else self._simple(text)
        if fields:
            self._casts.apply(fields, received)
        return fields

    def _simple(self, text: str) -> Fields | None:
        cells = text.split(self._delimiter)
        if len(cells) != len(self._columns):
            return None
        plain = self._casts.plain
        return {
            name: typed(cell) if cell[0] in NOT_TEXT and name not in plain else cell
            for name, index in self._named
            if (cell := cells[index])
        }

    def _quoted(self, text: str) -> Fields | None:
        cells = self._cell.findall(text)
        last = len(self._columns) - 1
        if len(cells) <= last:
            return None
        fields: Fields = {}
        for number, name in enumerate(self._columns):
            quoted, plain, more = cells[number]
            if bool(more) == (number == last) or plain[:1] == self._quote:  # a quote that nothing closes
                return None
            if name and quoted:
                fields[name] = quoted[1:-1].replace(self._quote * 2, self._quote)
            elif name and plain:
                fields[name] = plain if name in self._casts.plain else typed(plain)
        return fields


def to_csv(fields: Fields, columns: Sequence[str]) -> str:
    """The line of these fields (RFC 4180): text that could be read as something else stands between quotes."""
    return ",".join([_written(fields.get(name)) for name in columns])


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if not isinstance(value, str):
        return text
    if text and isinstance(typed(text), str) and not any(sign in text for sign in '",\r\n '):
        return text
    return '"' + text.replace('"', '""') + '"'
