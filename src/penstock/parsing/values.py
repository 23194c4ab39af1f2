"""What a value in a text is: a number, yes or no, a time, or text."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from penstock.parsing.timestamps import Timestamps

Kind = Literal["string", "int", "float", "bool", "timestamp"]
"""The kinds that a field can be given by name."""

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(\.[0-9]{1,17}(?:[eE][+-]?[0-9]{1,2})?)?")
_MOST_DIGITS: Final = 18
_INT: Final = re.compile(r"[+-]?[0-9]{1,18}")
_FLOAT: Final = re.compile(r"[+-]?(?:[0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,2})?")
NOT_TEXT: Final = frozenset("-0123456789tf")
"""What a value begins with that may be something else than text."""
_WORDS: Final = {"true": True, "false": False}
_YES_NO: Final = {
    **dict.fromkeys(("true", "yes", "on", "1", "t", "y"), True),
    **dict.fromkeys(("false", "no", "off", "0", "f", "n"), False),
}


def typed(text: str) -> Any:
    """A number or a boolean where it is written as in JSON; else the text.

    What could as well be a name stays one: leading zeros (`007`), an exponent without a point (`12e4567`), more than
    18 digits.
    """
    if text[:1] not in NOT_TEXT:
        return text
    if text.isdecimal():  # most of what gets here
        plain = len(text) <= _MOST_DIGITS and (text[0] != "0" or text == "0") and text.isascii()
        return int(text) if plain else text
    number = _NUMBER.fullmatch(text)
    if number is None:
        return _WORDS.get(text, text)
    return float(text) if number[1] else int(text)


class Casts:
    """Gives fields the kinds that the configuration names; what cannot be of its kind stays as it is."""

    def __init__(self, kinds: Mapping[str, Kind] = {}, times: Timestamps | None = None) -> None:
        self.plain = frozenset(name for name, kind in kinds.items() if kind == "string")
        """Fields that stay text, whatever they look like."""
        self._kinds = {name: kind for name, kind in kinds.items() if kind != "string"}
        self._times = times or Timestamps()

    def apply(self, fields: dict[str, Any], received: float) -> None:
        """Changes those of the fields that are text; times may be numbers, too."""
        for name, kind in self._kinds.items():
            value = fields.get(name)
            made: Any = None
            if kind == "timestamp":
                made = self._times.normalise(value, received)
            elif type(value) is str:
                made = _MAKE[kind](value)
            if made is not None:
                fields[name] = made


NO_CASTS: Final = Casts()


def _int(text: str) -> int | None:
    return int(text) if _INT.fullmatch(text) else None


def _float(text: str) -> float | None:
    return float(text) if _FLOAT.fullmatch(text) else None


def _bool(text: str) -> bool | None:
    return _YES_NO.get(text.lower())


_MAKE: Final[Mapping[str, Callable[[str], int | float | bool | None]]] = {
    "int": _int,
    "float": _float,
    "bool": _bool,
}
