"""Back-pressure: the sources wait while anybody has a reason for it."""

from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)


class Pressure:
    """Who says that sources must wait, and why."""

    def __init__(self, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        self._pause = pause
        self._resume = resume
        self._reasons: dict[str, str] = {}

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why they wait; empty when they do not."""
        return tuple(self._reasons.values())

    def gauge(self, who: str) -> Callable[[str], None]:
        """What `who` calls with its reason, and with "" when it has none any more."""
        return lambda reason: self.set(who, reason)

    def set(self, who: str, reason: str) -> None:
        """Takes what `who` says now."""
        waited = bool(self._reasons)
        if reason:
            self._reasons[who] = reason
        else:
            self._reasons.pop(who, None)
        if self._reasons and not waited:
            log.warning("sources wait", reason=reason)
            self._pause()
        elif waited and not self._reasons:
            log.info("sources go on")
            self._resume()
