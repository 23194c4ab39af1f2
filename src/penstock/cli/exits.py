"""How the command ends: the one place where its exit codes are told."""

from enum import IntEnum
from typing import Self


class Exit(IntEnum):
    """An exit code, and what it means to a script."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> Self:
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    OK = 0, "all went well"
    FAILURE = 1, "something went wrong that no other code names"
    CONFIG = 2, "the configuration or the command line cannot be used; nothing was started"
    START = 3, "it cannot start: an address is taken, a folder cannot be written, the journal is locked"
    DAMAGED = 4, "`journal verify` found damage"
    UNREACHABLE = 5, "nobody answers: no daemon runs, or nothing listens where lines were to be sent"
    KEPT = 6, "`run -`: all input was read, and some of it was not delivered; a journal on disk keeps it"
    INTERRUPTED = 130, "ended by Ctrl-C"
