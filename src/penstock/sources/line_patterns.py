r"""Patterns that speak of one line, found in a block of many at once."""

import re
from typing import Final

from penstock.regex import Pattern, compile_pattern

_TOKEN: Final = re.compile(
    r"(?P<open>\[\^?\]?)"  # a class begins; a bracket that stands first is in it
    r"|(?P<space>\\s)|(?P<digit>\\D)|(?P<word>\\W)"
    r"|\\[SdwtfrbB]|\\[^A-Za-z0-9\s]|\(\?(?:i|i?:|P<\w+>)|\((?!\?)|[^\\(\x00-\x1f\[]"
)
_IN_CLASS: Final = re.compile(r"(?P<space>\\s)|\\[dw]|\\[^A-Za-z0-9\s]|[^\\\[\]\x00-\x1f]")
_OUTSIDE: Final = {"space": r"[\t\f\r ]", "digit": r"[^\d\n]", "word": r"[^\w\n]"}


def of_lines(pattern: str) -> Pattern:
    """For one line without its newline. Raises `PatternError`, which names the place in the pattern as it was given."""
    compile_pattern(pattern)
    return compile_pattern(f"(?m:{pattern})")


def within_line(pattern: str) -> str | None:
    """The same pattern so that in a block, under `(?m)`, it finds what it finds in each line; none where it may not.

    It must not go on over a newline, nor ask for the edges of the text.
    """
    made: list[str] = []
    at = 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            return None
        at = token.end()
        if token["open"] is None:
            made.append(_OUTSIDE.get(token.lastgroup or "", token[0]))
        elif (end := _class(pattern, at, made, token["open"])) is None:
            return None
        else:
            at = end
    return "".join(made)


def line_starts(block: bytes) -> list[int]:
    """Where each line of these begins."""
    starts = [0]
    find = block.find
    while end := find(b"\n", starts[-1]) + 1:
        starts.append(end)
    starts.pop()
    return starts


def _class(pattern: str, at: int, made: list[str], begin: str) -> int | None:
    """Appends what is made of a class of characters of which `begin` is read; where it ends, or none."""
    first = r"\]" if begin.endswith("]") else ""
    made.append(rf"[^\n{first}" if begin.startswith("[^") else f"[{first}")
    while (token := _IN_CLASS.match(pattern, at)) is not None:
        made.append(r"\t\f\r " if token["space"] else token[0])
        at = token.end()
    if pattern[at : at + 1] != "]":
        return None
    made.append("]")
    return at + 1
