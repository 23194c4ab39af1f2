"""What a wire is."""

from abc import abstractmethod
from typing import Protocol

from penstock.exchange import Answer, Append, Request


class Wire(Protocol):
    """Carries requests to one service."""

    @abstractmethod
    async def send(self, request: Request | Append) -> Answer:
        """Sends it once and brings back the answer.

        Never raises for the network's or the disk's sake: that is a `Failure`. May be cancelled at any time.
        """

    @abstractmethod
    async def close(self) -> None:
        """Closes its connections and files; nothing may be sent afterwards."""
