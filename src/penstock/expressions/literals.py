"""Numbers and quoted text, as they are written in an expression."""

import re
from typing import Final, NamedTuple

from penstock.expressions.errors import ExpressionError
from penstock.expressions.values import MAX_INT, MAX_UINT, UInt

_SINGLE: Final = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "?": "?", '"': '"', "'": "'", "`": "`",
}  # fmt: skip
_CODE: Final = re.compile(r"[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})")


class Quoted(NamedTuple):
    """What was read between quotes."""

    value: str | bytes
    end: int
    """The index after the closing quote."""


def read_number(text: str, at: int, digits: str) -> int | float | UInt:
    """The number that is written so. An `int` may be 2**63, which only a minus in front makes one: see the parser."""
    lower = digits.lower()
    if lower.endswith("u"):
        unsigned = int(lower[:-1], 0) if lower.startswith("0x") else _decimal(lower[:-1])
        if unsigned > MAX_UINT:
            raise ExpressionError("is more than a uint can be (64 bits)", text, at)
        return UInt(unsigned)
    if not lower.startswith("0x") and ("." in lower or "e" in lower):
        return float(lower)
    signed = int(lower, 0) if lower.startswith("0x") else _decimal(lower)
    if signed > MAX_INT + 1:
        raise ExpressionError("is more than an int can be (64 bits)", text, at)
    return signed


def _decimal(digits: str) -> int:
    short = digits.lstrip("0") or "0"
    return int(short) if len(short) <= 20 else 10**20  # Python bounds the digits it reads


def read_quoted(text: str, at: int, opening: str) -> Quoted:
    """The string or bytes whose prefix and opening quote are these. Raises `ExpressionError`."""
    prefix = opening.rstrip("\"'").lower()
    quote = opening[len(prefix) :]
    start = at + len(opening)
    end = _closing(text, at, start, quote, raw="r" in prefix)
    pieces = [text[start:end]] if "r" in prefix else _unescaped(text, start, end, as_bytes="b" in prefix)
    try:
        if "b" in prefix:
            joined = b"".join(piece if isinstance(piece, bytes) else piece.encode() for piece in pieces)
            return Quoted(joined, end + len(quote))
        return Quoted("".join(map(str, pieces)), end + len(quote))
    except UnicodeEncodeError as exc:
        raise ExpressionError("holds a lone surrogate, which is no character", text, at) from exc


def _closing(text: str, at: int, start: int, quote: str, *, raw: bool) -> int:
    index = start
    while index < len(text):
        if text.startswith(quote, index):
            return index
        if text[index] in "\r\n" and len(quote) == 1:
            break
        index += 2 if text[index] == "\\" and not raw else 1
    raise ExpressionError(f"the closing {quote} is missing", text, at)


def _unescaped(text: str, start: int, end: int, *, as_bytes: bool) -> list[str | bytes]:
    pieces: list[str | bytes] = []
    index = start
    while (slash := text.find("\\", index, end)) >= 0:
        pieces.append(text[index:slash])
        piece, index = _escape(text, slash, as_bytes=as_bytes)
        pieces.append(piece)
    pieces.append(text[index:end])
    return pieces


def _escape(text: str, slash: int, *, as_bytes: bool) -> tuple[str | bytes, int]:
    """What the escape at `slash` means, and the index after it."""
    char = text[slash + 1]
    if char in _SINGLE:
        return _SINGLE[char], slash + 2
    match = _CODE.match(text, slash + 1)
    if match is None:
        raise ExpressionError(
            f"\\{char} is no escape: write \\\\ for a backslash, or r'…' for a pattern", text, slash
        )
    number = int(match[4], 8) if match[4] else int(match[1] or match[2] or match[3], 16)
    if as_bytes and (match[1] or match[4]):
        return bytes([number]), match.end()
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise ExpressionError("is no character of Unicode", text, slash)
    return chr(number), match.end()
