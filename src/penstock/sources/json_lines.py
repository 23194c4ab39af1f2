r"""Tells lines that are one JSON object each from all others; soundly, and for a whole block at once.

What counts is RFC 8259, and what every service takes: no NaN, no byte order mark, no escaped surrogate
without its half. White space around an object is part of the line; nesting may go as deep as the
interpreter's stack allows (about 900 levels).
"""

import random
from collections.abc import Callable
from operator import itemgetter
from typing import Final, TypeVar

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


_ONE: Final = msgspec.json.Decoder(_Object)
_MARKED: Final = msgspec.json.Decoder(list[_Object | int])
_SAME: Final = _Object()
_FIRST: Final = itemgetter(0)
_LAST: Final = itemgetter(-1)
_OPEN: Final = {ord("{")}
_CLOSE: Final = {ord("}")}


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
    lines = data.split(b"\n")
    lines.pop()
    try:
        compact = set(map(_FIRST, lines)) == _OPEN and set(map(_LAST, lines)) == _CLOSE
    except IndexError:  # a blank line
        return -1
    return _count_compact(data, len(lines)) if compact else _count_any(data, len(lines))


def _count_compact(data: bytes, count: int) -> int:
    """Where each line begins with a brace and ends with one, as nearly all do: a third faster.

    Nowhere within a JSON value may `}` and `{` follow each other with nothing but white space between, so
    each newline stands between values, and each line holds one or more: one, if there are as many.
    """
    try:
        values = _ONE.decode_lines(data)
    except (msgspec.DecodeError, RecursionError):
        return -1
    return count if len(values) == count else -1


def _count_any(data: bytes, count: int) -> int:
    """Where there is white space around objects.

    Each newline becomes `,N,` and the whole is decoded as one list. The sender cannot know N, so where
    the list has an N at every odd place, and as many as there were newlines, each newline stood outside
    any string, array or object, with exactly one value before it; the even places must be objects.
    """
    mark = random.getrandbits(62) | 1 << 62  # nobody sees it, so nobody can predict it
    joined = b"".join((b"[", data.replace(b"\n", b",%d," % mark), b"0]"))
    try:
        values = _MARKED.decode(joined)
    except (msgspec.DecodeError, RecursionError):
        return -1
    sound = (
        len(values) == 2 * count + 1
        and values[1::2].count(mark) == count
        and values[0::2].count(_SAME) == count  # the one other is the 0 at the end
    )
    return count if sound else -1


def _with_reserve(check: Callable[[T], R], data: T, frames: int) -> R:
    return _with_reserve(check, data, frames - 1) if frames else check(data)
