r"""Text between quotes, with what stands behind a backslash.

`\"` `\\` `\/` `\b` `\f` `\n` `\r` `\t` `\uXXXX` as in JSON, and `\xXX` for a byte of UTF-8, as Apache and nginx
write it. A backslash before anything else is one.
"""

import re
from typing import Final

_PLAIN: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPED: Final = re.compile(
    r"\\(?:([\"'\\/])|([bfnrt])|((?:u[0-9A-Fa-f]{4})(?:\\u[0-9A-Fa-f]{4})*)|(x[0-9A-Fa-f]{2}(?:\\x[0-9A-Fa-f]{2})*))"
)


def unescape(text: str) -> str:
    """What was meant; what is no text (half of a surrogate pair, bytes that are not UTF-8) stays as it is written."""
    return _ESCAPED.sub(_meant, text) if "\\" in text else text


def _meant(found: re.Match[str]) -> str:
    same, letter, units, octets = found.groups()
    if same:
        return same
    if letter:
        return _PLAIN[letter]
    try:
        if units:
            return bytes.fromhex(units.replace("\\u", "").removeprefix("u")).decode("utf-16-be")
        return bytes.fromhex(octets.replace("\\x", "").removeprefix("x")).decode()
    except UnicodeDecodeError:
        return found[0]
