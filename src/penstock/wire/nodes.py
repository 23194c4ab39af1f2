"""Which of several URLs to ask, where a service is to be had at more than one."""

from collections.abc import Sequence
from typing import Final

from penstock.clock import Clock
from penstock.exchange import Answer, Failure, FailureKind, Request

REST: Final = 30.0
"""Seconds for which a node that could not be reached, or answered that it is not there, is asked last."""
UNSENT: Final = frozenset(
    {FailureKind.REFUSED, FailureKind.DNS, FailureKind.CONNECT_TIMEOUT, FailureKind.TLS}
)
"""Failures that rule out that anything arrived, so that another node may be asked at once."""
_AWAY: Final = frozenset({502, 503, 504})
"""What a node, or the proxy before it, answers while it cannot serve."""
_MOST: Final = 256
"""Nodes remembered; a destination has a handful."""


class Nodes:
    """Remembers which nodes are of no use at the moment. A node is a scheme, a host and a port."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rests: dict[str, float] = {}
        self._turn = 0

    def order(self, request: Request) -> Sequence[str]:
        """The request's URLs, the one to ask first at the front."""
        if not request.nodes:
            return (request.url,)
        urls = [request.url, *request.nodes]
        if request.rotate:
            at = self._turn % len(urls)
            self._turn += 1
            urls = urls[at:] + urls[:at]
        if self._rests:
            now = self._clock.monotonic()
            urls.sort(key=lambda url: self._rests.get(_node(url), 0.0) > now)
        return urls

    def learn(self, url: str, answer: Answer) -> None:
        """What came of asking there."""
        node = _node(url)
        if isinstance(answer, Failure) or answer.status in _AWAY:
            if len(self._rests) >= _MOST:
                self._rests.clear()
            self._rests[node] = self._clock.monotonic() + REST
        elif self._rests:
            self._rests.pop(node, None)


def _node(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])
