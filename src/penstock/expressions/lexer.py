"""Cuts the text of an expression into tokens."""

import re
from dataclasses import dataclass
from typing import Any, Final

from penstock.expressions.errors import ExpressionError
from penstock.expressions.literals import Quoted, read_number, read_quoted

LONGEST: Final = 8192
"""Characters of an expression."""

_BLANK: Final = re.compile(r"(?:[ \t\r\n\f]+|//[^\n]*)+")
_NUMBER: Final = re.compile(
    r"0[xX][0-9a-fA-F]+[uU]?|(?:[0-9]+\.[0-9]+|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+(?:[eE][+-]?[0-9]+|[uU])?"
)
_QUOTE: Final = re.compile(r"(?:[rR][bB]?|[bB][rR]?)?(?:\"\"\"|'''|\"|')")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPED_NAME: Final = re.compile(r"`[A-Za-z0-9_./ -]+`")
_OPERATOR: Final = re.compile(r"&&|\|\||[=!<>]=|[-+*/%<>!?:.,()\[\]{}]")
_HINTS: Final = {"=": "write == to compare", "&": "write && for and", "|": "write || for or"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text."""

    kind: str
    """`name`, `value`, `operator` or `end`."""
    text: str
    at: int
    value: Any = None
    """Of a literal."""


def tokens(text: str) -> list[Token]:
    """All of them, the end too. Raises `ExpressionError`."""
    if len(text) > LONGEST:
        raise ExpressionError(
            f"is too long: {len(text)} characters, and {LONGEST} are the most", text, LONGEST
        )
    found: list[Token] = []
    at = 0
    while True:
        if blank := _BLANK.match(text, at):
            at = blank.end()
        if at == len(text):
            found.append(Token("end", "", at))
            return found
        token = _token(text, at)
        found.append(token)
        at += len(token.text)


def _token(text: str, at: int) -> Token:
    if match := _QUOTE.match(text, at):
        quoted: Quoted = read_quoted(text, at, match[0])
        return Token("value", text[at : quoted.end], at, quoted.value)
    if match := _NUMBER.match(text, at):
        if follows := _NAME.match(text, match.end()):
            raise ExpressionError("a number ends in letters", text, follows.start())
        return Token("value", match[0], at, read_number(text, at, match[0]))
    if match := _NAME.match(text, at):
        return Token("name", match[0], at)
    if match := _ESCAPED_NAME.match(text, at):
        return Token("escaped", match[0], at, match[0][1:-1])
    if match := _OPERATOR.match(text, at):
        return Token("operator", match[0], at)
    char = text[at]
    hint = f": {_HINTS[char]}" if char in _HINTS else ""
    shown = char if char.isprintable() else f"U+{ord(char):04X}"
    raise ExpressionError(f"{shown} means nothing here{hint}", text, at)
