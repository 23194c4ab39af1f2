"""How urgent an event is: one name for each level, whatever a logger writes."""

from collections.abc import Mapping
from typing import Any, Final

_NAMES: Final[Mapping[str, str]] = {
    "trace": "verbose v t finer finest all silly",
    "debug": "dbg d fine",
    "info": "information informational i config default log",
    "notice": "n note audit",
    "warning": "warn w wrn",
    "error": "err e eror severe failure",
    "critical": "crit c dpanic",
    "fatal": "f ftl",
    "alert": "a",
    "emergency": "emerg panic",
}
LEVELS: Final = tuple(_NAMES)
"""The names, from the least urgent on."""
WORDS: Final[Mapping[str, str]] = {
    word: level for level, words in _NAMES.items() for word in (level, *words.split())
}
"""By what loggers write, in small letters, the name."""

SYSLOG: Final = dict(
    enumerate(("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"))
)
"""RFC 5424, 6.2.1."""
BUNYAN: Final = {10: "trace", 20: "debug", 30: "info", 40: "warning", 50: "error", 60: "fatal"}
"""And pino's."""
PYTHON: Final = {10: "debug", 20: "info", 30: "warning", 40: "error", 50: "critical"}
OPENTELEMETRY: Final = {
    number: level
    for first, level in (
        (1, "trace"),
        (5, "debug"),
        (9, "info"),
        (13, "warning"),
        (17, "error"),
        (21, "fatal"),
    )
    for number in range(first, first + 4)
}
"""https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber"""
USUAL: Final = SYSLOG | BUNYAN
"""Numbers under no name that says whose they are."""


def level_of(value: Any, numbers: Mapping[int, str] = USUAL) -> str | None:
    """The name of a level that is written as a word or a number; none for what is no level."""
    kind = value.__class__
    if kind is str:
        word = value.strip(" \t<>[]():").lower()
        return WORDS.get(word) or (
            numbers.get(int(word)) if word.isascii() and word.isdecimal() and len(word) < 4 else None
        )
    return numbers.get(value) if kind is int or kind is float else None
