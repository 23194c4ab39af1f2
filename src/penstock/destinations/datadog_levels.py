"""Words for levels that the intake would misread, and its own for them.

It reads the first letters alone: `f…` is an emergency, `c…` critical, `s…` a success, and what it does not know is `info`.
https://docs.datadoghq.com/logs/log_configuration/processors/log_status_remapper/
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from penstock.levels import BUNYAN, WORDS

_STATUSES: Final = {"emergency": "emerg", "fatal": "emerg", "trace": "debug"}
"""Of levels that it has no word for, or another; it reads the word fatal so."""
_MISREAD_WORDS: Final = (
    "panic", "dpanic", "e", "severe", "audit", "config", "default", "fine", "finer", "finest",
)  # fmt: skip


def _status(level: str) -> str:
    return _STATUSES.get(level, level)


MISREAD: Final[Mapping[Any, str]] = {
    written: _status(WORDS[word])
    for word in _MISREAD_WORDS
    for written in (word, word.upper(), word.capitalize())
} | {written: _status(level) for number, level in BUNYAN.items() for written in (number, str(number))}
LONGEST: Final = len("critical")

_USUAL: Final = (
    "trace", "debug", "info", "information", "notice", "warn", "warning", "err", "error", "crit", "critical", "alert", "fatal",
    "emerg", "emergency", "success", "ok",
)  # fmt: skip
WELL_READ: Final = (
    Literal[*[written for word in _USUAL for written in (word, word.upper(), word.capitalize())]] | None
)
"""As a type: words that loggers write and the intake reads as they are meant; or none."""


def misread(levels: Sequence[Any]) -> Mapping[int, str]:
    """By index the status that is meant, for those of which the intake would make another."""
    try:
        if MISREAD.keys().isdisjoint(set(levels)):
            return {}
    except TypeError:  # some are no words but objects or lists
        levels = [level if isinstance(level, str | int) else None for level in levels]
    return {index: MISREAD[level] for index, level in enumerate(levels) if level in MISREAD}
