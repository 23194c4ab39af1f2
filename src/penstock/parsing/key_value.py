"""Pairs with separators and quotes of one's own: `user: root; tty: 'pts/0'`."""

import re
from collections.abc import Sequence
from typing import Any

from penstock.parsing.base import Fields, OneByOne
from penstock.parsing.quoting import unescape
from penstock.parsing.values import NO_CASTS, Casts, typed


class KeyValue(OneByOne):
    """`pairs` stands between one pair and the next, `key` between a name and its value.

    White space around names and values goes. What stands between quotes is text as it is; other values are numbers and
    booleans where they are written so, and missing where they are empty. A name without a value is true. A text
    without any pair is not taken.
    """

    def __init__(
        self, casts: Casts = NO_CASTS, *, pairs: str = " ", key: str = "=", quotes: Sequence[str] = ('"', "'")
    ) -> None:
        """Raises `ValueError` for separators that cannot be told apart."""
        if not pairs or not key:
            raise ValueError("a separator must not be empty")
        if key in pairs or pairs in key or (key.isspace() and pairs.isspace()):
            raise ValueError(f"the separators {pairs!r} and {key!r} cannot be told apart")
        if any(len(quote) != 1 or quote.isspace() or quote in key + pairs for quote in quotes):
            raise ValueError("a quote is one character that is in no separator")
        if pairs.isspace():
            gap, between, last = "", r"(?:\s++|\Z)", r"(?=\s|\Z)"
        else:
            middle = re.escape(pairs.strip())
            gap, between, last = r"[ \t]*+", rf"\s*+(?:{middle}|\Z)", rf"\s*+(?={middle}|\Z)"
        quoted = "|".join([_between(re.escape(quote)) for quote in quotes]) or "(?!)"
        name, value = _until(key, pairs), _until(pairs)
        self._token = re.compile(
            rf"\s*+(?:({name})(?:({re.escape(key)}){gap}(?:({quoted}){last}|({value})))?{between}|(.+))",
            re.DOTALL,
        )
        self._key = key
        self._casts = casts

    def parse(self, text: str, received: float) -> Fields | None:
        if self._key not in text:
            return None
        fields: dict[str, Any] = {}
        signs = False
        for found, sign, quoted, plain, odd in self._token.findall(text):
            name = found.strip()
            if odd or (sign and not name):
                return None
            if quoted:
                fields[name] = unescape(quoted[1:-1])
            elif not sign:
                if name:
                    fields[name] = True
            elif value := plain.strip():
                fields[name] = value if name in self._casts.plain else typed(value)
            signs = signs or bool(sign)
        if not signs:
            return None
        self._casts.apply(fields, received)
        return fields


def _between(quote: str) -> str:
    return rf"{quote}(?:[^{quote}\\]++|\\.)*+{quote}"


def _until(*separators: str) -> str:
    """All characters up to one of these."""
    if all(len(separator) == 1 for separator in separators):
        sign = "".join(["\\s" if separator.isspace() else re.escape(separator) for separator in separators])
        return f"[^{sign}]*+"
    ends = "|".join([re.escape(separator) for separator in separators])
    return f"(?:(?!{ends}).)*+"
