r"""logfmt: `level=info msg="it is well" duration=1.5 cached`.

Values between quotes are text, with escapes as in JSON; others are numbers and booleans where they are written so.
A name alone is true. A name that comes again has its last value.
"""

import re
from collections.abc import Set as AbstractSet
from typing import Any, Final

from penstock.parsing.base import Fields, OneByOne
from penstock.parsing.quoting import unescape
from penstock.parsing.values import NO_CASTS, NOT_TEXT, Casts, typed

_TOKEN: Final = re.compile(
    r'([^\s="\x00-\x20]++)(=?+)("(?:[^"\\]++|\\.)*+"|[^\s"]*+)(?:[ \t\r\n]++|\Z)|(.+)', re.DOTALL
)
"""Name, the sign of a pair, its value; or what is neither, and all behind it."""
_BLANKS: Final = " \t\r\n"


class Logfmt(OneByOne):
    """One text a line; it takes at least one pair, and nothing that is neither name nor pair."""

    def __init__(self, casts: Casts = NO_CASTS) -> None:
        self._casts = casts

    def parse(self, text: str, received: float) -> Fields | None:
        fields = pairs(text.strip(_BLANKS), self._casts.plain) if "=" in text else None
        if fields:
            self._casts.apply(fields, received)
        return fields or None


def pairs(text: str, plain: AbstractSet[str] = frozenset()) -> Fields | None:
    """What the text says, from its first character to its last; none where some of it is no logfmt.

    Values of the names in `plain` stay text.
    """
    fields: dict[str, Any] = {}
    for name, sign, value, odd in _TOKEN.findall(text):
        first = value[:1]
        if odd:
            return None
        if first == '"':
            if not sign:
                return None
            fields[name] = unescape(value[1:-1])
        elif sign:
            fields[name] = typed(value) if first in NOT_TEXT and name not in plain else value
        else:
            fields[name] = True
    return fields


def to_logfmt(fields: Fields) -> str:
    """What is read back as the same fields, if their names are names and nothing is nested."""
    return " ".join([f"{name}={_written(value)}" for name, value in fields.items()])


_SAFE: Final = re.compile(r'[^\s"\\\x00-\x20]++')
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    if _SAFE.fullmatch(value) and isinstance(typed(value), str):
        return value
    return '"' + "".join([_ESCAPES.get(sign, sign) for sign in value]) + '"'
