"""Words for levels that the intake would misread, and its own for them.

It reads the first letters alone: `f…` is an emergency, `c…` critical, `s…` a success, and what it does not know is `info`.
https://docs.datadoghq.com/logs/log_configuration/processors/log_status_remapper/
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

_WORDS: Final = {
    "emerg": ("panic",),
    "critical": ("dpanic",),
    "error": ("e", "severe"),
    "notice": ("audit",),
    "info": ("config", "default"),
    "debug": ("fine", "finer", "finest"),
}
_NUMBERS: Final = {10: "debug", 20: "debug", 30: "info", 40: "warning", 50: "error", 60: "emerg"}
"""As bunyan and pino write them; the last as the intake reads the word for it, fatal."""

MISREAD: Final[Mapping[Any, str]] = {
    written: status
    for status, words in _WORDS.items()
    for word in words
    for written in (word, word.upper(), word.capitalize())
} | {written: status for number, status in _NUMBERS.items() for written in (number, str(number))}
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
