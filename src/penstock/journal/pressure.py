"""Says when the journal can take no more for now, and when it can again."""

from collections.abc import Callable
from typing import Final, Literal

Kind = Literal["refused", "behind", "full"]

_ORDER: Final[tuple[Kind, ...]] = ("refused", "behind", "full")


class Pressure:
    """Why the journal can take no more, for each kind of cause; the gravest is what is told."""

    def __init__(self) -> None:
        self._reasons: dict[Kind, str] = {}
        self._callbacks: list[Callable[[str], None]] = []
        self._told = ""

    def __getitem__(self, kind: Kind) -> str:
        return self._reasons.get(kind, "")

    @property
    def reason(self) -> str:
        """The gravest; empty where there is none."""
        return next((self[kind] for kind in _ORDER if self[kind]), "")

    def watch(self, callback: Callable[[str], None]) -> None:
        """Calls back with each change of the reason; at once where there is one now."""
        self._callbacks.append(callback)
        if self._told:
            callback(self._told)

    def set(self, kind: Kind, reason: str) -> None:
        """This kind of cause has this reason now; empty: it is over."""
        if self[kind] == reason:
            return
        self._reasons[kind] = reason
        if self.reason != self._told:
            self._told = self.reason
            for callback in self._callbacks:
                callback(self._told)
