r"""Access logs of Apache (common, combined, with or without the virtual host before) and nginx (combined).

    127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326 "http://a.example/" "Mozilla/4.08"

A request that is none (`"-"`, or what a scanner sends) is the field `request`. What follows the user agent, as many add
it, is `forwarded_for` where it is quoted, as in nginx's own `main`; else `extra`.
"""

import re
from collections.abc import Sequence
from operator import itemgetter
from typing import Final

from penstock.parsing.base import Fields, as_lines
from penstock.parsing.quoting import unescape
from penstock.parsing.timestamps import Timestamps

_QUOTED: Final = r'[^"\\\n]*+(?:\\.[^"\\\n]*+)*+'
_WORD: Final = r'[^"\\\s]++(?:\\.[^"\\\s]*+)*+'
_LINE: Final = (
    r"(?:([A-Za-z0-9][\w.-]*+:[0-9]{1,5}) )?(\S++) (\S++) (\S++(?: [^\s\[]\S*+){0,8}?) "
    rf'\[([^\]\n]{{1,64}})\] "(?:([A-Z]{{1,32}}) ({_WORD})(?: ([A-Z]{{1,16}}/[0-9.]{{1,8}}))?|({_QUOTED}))" '
    rf'([0-9]{{3}}|-) ([0-9]{{1,18}}|-)(?: "({_QUOTED})" "({_QUOTED})"(?: "({_QUOTED})")?(?: ([^\r\n]++))?)?'
)
_ONE: Final = re.compile(rf"{_LINE}\s*+", re.ASCII)
_EACH: Final = re.compile(rf"^(?:{_LINE}[ \t\r]*+$|.*)", re.ASCII | re.MULTILINE)
_USUAL: Final = (
    "remote_addr", "user", "timestamp", "method", "path", "protocol", "status", "bytes", "referer", "user_agent",
)  # fmt: skip
_RARE: Final = ("vhost", "ident", "request", "forwarded_for", "extra")
_usual: Final = itemgetter(1, 3, 4, 5, 6, 7, 9, 10, 11, 12)
_rare: Final = itemgetter(0, 2, 8, 13, 14)
_NONE_RARE: Final = ("", "-", "", "", "")
_TIME: Final = _USUAL.index("timestamp")
_NUMBERS: Final = ("status", "bytes")
_ABSENT: Final = frozenset(("", "-"))
_TEXTS: Final = frozenset(("user", "path", "request", "referer", "user_agent", "forwarded_for"))


class AccessLog:
    """Many lines are taken apart in one go."""

    def __init__(self, times: Timestamps) -> None:
        self._times = times

    def parse(self, text: str, received: float) -> Fields | None:
        found = _ONE.fullmatch(text)
        if found is None:
            return None
        fields = self._fields(found.groups(""), received)
        return _unescaped(fields) if fields and "\\" in text else fields

    def parse_all(self, texts: Sequence[str], received: float) -> list[Fields | None]:
        lines = as_lines(texts)
        if lines is None or "\\" in lines:
            return [self.parse(text, received) for text in texts]
        fields = self._fields
        return [fields(row, received) if row[1] else None for row in _EACH.findall(lines)]

    def _fields(self, row: Sequence[str], received: float) -> Fields | None:
        values = _usual(row)
        timestamp = self._times.normalise(values[_TIME], received)
        if timestamp is None:
            return None
        fields: Fields = dict(zip(_USUAL, values, strict=True))
        if "-" in values or "" in values:
            fields = {name: value for name, value in fields.items() if value not in _ABSENT}
        fields["timestamp"] = timestamp
        for name in _NUMBERS:
            if name in fields:
                fields[name] = int(fields[name])
        rare = _rare(row)
        if rare != _NONE_RARE:
            fields |= {name: value for name, value in zip(_RARE, rare, strict=True) if value not in _ABSENT}
        return fields


def _unescaped(fields: Fields) -> Fields:
    return {name: unescape(value) if name in _TEXTS else value for name, value in fields.items()}
