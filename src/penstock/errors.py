"""The exceptions of Penstock.

    PenstockError
    ├── ConfigError          the configuration cannot be used: all its problems at once
    ├── StartError           something outside stands in the way of starting (a taken port, a locked journal)
    ├── JournalError         the journal's folder cannot be used
    │   ├── JournalLocked    another daemon has it
    │   └── JournalNewer     a newer Penstock wrote it
    ├── CredentialsError     there are no credentials to sign a request with
    ├── Unavailable          cannot be taken now; later it can
    └── PluginError          an outside package or a dotted path cannot be loaded

Outcomes of sending are values (`exchange`, `destinations.base`), not exceptions. Exceptions of foreign
libraries are translated in the one module that calls the library.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class PenstockError(Exception):
    """Anything that Penstock raises on purpose; its text is meant for people."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a configuration."""

    path: str
    """Where, as dotted keys: `destinations.search.url`; empty where it is the whole."""
    what: str
    remedy: str = ""
    line: int | None = None
    """The line in the file, from 1; none where it came from the environment."""

    def __str__(self) -> str:
        line = f"line {self.line}: " if self.line else ""
        where = f"{self.path}: " if self.path else ""
        mend = f" ({self.remedy})" if self.remedy else ""
        return f"{line}{where}{self.what}{mend}"


class ConfigError(PenstockError):
    """The configuration cannot be used."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        """`source` is the file's path, or what else the configuration was read from."""
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n".join([f"{source}: {problem}" for problem in problems]))


class StartError(PenstockError):
    """Something outside stands in the way of starting."""


class JournalError(PenstockError):
    """The journal's folder cannot be used."""


class JournalLocked(JournalError):
    """Another process has the journal open for writing."""


class JournalNewer(JournalError):
    """A newer Penstock wrote this journal."""


class Unavailable(PenstockError):
    """Cannot be taken now; `retry_after` is a guess, in seconds, of when it can."""

    def __init__(self, why: str, retry_after: float = 1.0) -> None:
        self.retry_after = retry_after
        super().__init__(why)


class CredentialsError(PenstockError):
    """There are no credentials to sign a request with."""


class PluginError(PenstockError):
    """An outside package or a dotted path cannot be loaded."""
