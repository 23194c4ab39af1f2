r"""Tells lines that are one JSON object each from all others; soundly, and for a whole block at once.

What counts is RFC 8259, and what every service takes: no NaN, no byte order mark, no escaped surrogate
without its half. White space around an object is part of the line; nesting may go as deep as the
interpreter's stack allows (about 900 levels).
"""

import secrets
from collections.abc import Callable
from typing import Final, Literal, TypeVar

import msgspec

_DEEP: Final = 800
"""Bytes with which a line can nest deeply enough to come near the interpreter's limit."""
_RESERVE: Final = 32
"""Stack frames kept free, so that what is taken here can be decoded from deeper calls as well."""


T = TypeVar("T")
R = TypeVar("R")

_BEGINNINGS: Final = (b"{", b" ", b"\t", b"\r")


class _Object(msgspec.Struct, gc=False):
    """Any JSON object, nothing of it kept."""


_MARK: Final = secrets.randbits(62) | 1 << 62
"""What stands between the lines of a block while they are decoded. Nobody ever sees it, so no sender can write it."""
_BETWEEN: Final = b" %d " % _MARK
_ONE: Final = msgspec.json.Decoder(_Object)
_MARKED: Final = msgspec.json.Decoder(_Object | Literal[_MARK])


def is_utf8(data: bytes) -> bool:
    """Whether `data` is UTF-8, by the strict reading (no surrogates, nothing overlong)."""
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_object(text: str | bytes) -> bool:
    """Whether `text`, which must be UTF-8, is one JSON object; it may span lines."""
    if len(text) > _DEEP:
        return _with_reserve(_is_object, text, _RESERVE)
    return _is_object(text)


def count_objects(data: bytes) -> int:
    r"""How many lines `data` has, each one JSON object; -1 where any is not. It must be UTF-8 and end in `\n`."""
    if data[:1] not in _BEGINNINGS:
        return -1
    if len(data) > _DEEP:
        return _with_reserve(_count_objects, data, _RESERVE)
    return _count_objects(data)


def _is_object(text: str | bytes) -> bool:
    try:
        _ONE.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _count_objects(data: bytes) -> int:
    """Each newline becomes the mark and the whole is decoded as a row of values, objects and marks.

    Where every other value is a mark, and there are as many as there were newlines, each newline stood outside any
    string, array or object, with exactly one value before it, which is then an object.
    """
    marked = data.replace(b"\n", _BETWEEN)
    try:
        values = _MARKED.decode_lines(marked)
    except (msgspec.DecodeError, RecursionError):
        return -1
    count = (len(marked) - len(data)) // (len(_BETWEEN) - 1)
    sound = len(values) == 2 * count and values[1::2].count(_MARK) == count
    return count if sound else -1


def _with_reserve(check: Callable[[T], R], data: T, frames: int) -> R:
    return _with_reserve(check, data, frames - 1) if frames else check(data)
