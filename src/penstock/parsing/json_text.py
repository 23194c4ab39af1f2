"""JSON objects, also behind the mark `@cee:` that syslog puts before them."""

import re
from typing import Any, Final

import msgspec

from penstock.parsing.base import Fields, OneByOne
from penstock.parsing.values import NO_CASTS, Casts

_COOKIE: Final = "@cee:"
_MOST_LEVELS: Final = 100
_BRACKETS: Final = re.compile(r'"(?:[^"\\]++|\\.?)*+(?:"|\Z)|([\[{])|([\]}])', re.DOTALL)
_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode


class JsonText(OneByOne):
    """One object a text; what is nested deeper than 100 levels is not taken."""

    def __init__(self, casts: Casts = NO_CASTS) -> None:
        self._casts = casts

    def parse(self, text: str, received: float) -> Fields | None:
        if text.startswith((_COOKIE, " ")):
            text = text.lstrip(" ").removeprefix(_COOKIE)
        if text.count("{") + text.count("[") > _MOST_LEVELS and _deep(text):
            return None
        try:
            fields = _decode(text)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):  # a lone surrogate is no UTF-8
            return None
        self._casts.apply(fields, received)
        return fields


def _deep(text: str) -> bool:
    level = 0
    for bracket in _BRACKETS.finditer(text):
        opened, closed = bracket.groups()
        level += bool(opened) - bool(closed)
        if level > _MOST_LEVELS:
            return True
    return False
