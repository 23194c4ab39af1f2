"""The other ways to write the same text: digits of other scripts, wide letters, typographic dashes, numbers of characters."""

import re
import sys
import unicodedata
from typing import Final

_WIDE: Final = range(0xFF01, 0xFF5F)
_DASHES: Final = "‐‑‒–—―−﹘﹣"  # noqa: RUF001 - the very characters that are meant
_BLANKS: Final = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"


def _table() -> dict[int, str]:
    table = {
        code: str(unicodedata.decimal(chr(code)))
        for code in range(0x80, sys.maxunicode + 1)
        if chr(code).isdecimal()
    }
    table |= {code: chr(code - 0xFEE0) for code in _WIDE}
    return table | dict.fromkeys(map(ord, _DASHES), "-") | dict.fromkeys(map(ord, _BLANKS), " ")


def _ranges(codes: list[int]) -> str:
    """For the inside of a character class, of both kinds of patterns."""
    runs: list[list[int]] = []
    for code in sorted(codes):
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "".join([f"{chr(first)}-{chr(last)}" for first, last in runs])


_TABLE: Final = _table()
FOREIGN: Final = f"[{_ranges(list(_TABLE))}]"
"""A pattern for the characters that `plain` makes others of."""
ESCAPE: Final = r"\\u"
"""A pattern that is found in each line of JSON in which a character is written by its number."""
_FOREIGN: Final = re.compile(FOREIGN)
_ESCAPED: Final = re.compile(r"\\{1,8}u00([2-7][0-9A-Fa-f])")


def plain(text: str) -> str:
    """With ASCII in the place of what looks the same; each character stays where it is."""
    if text.isascii() or _FOREIGN.search(text) is None:
        return text
    return text.translate(_TABLE)


def unescaped(text: str) -> str:
    r"""With characters where JSON inside the text has their numbers: `@` for `\u0040`."""
    if "\\u00" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
