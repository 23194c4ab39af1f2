"""Indexer acknowledgement: Splunk has events for good only once it says so, when it is asked.

https://docs.splunk.com/Documentation/Splunk/latest/Data/AboutHECIDXAck. An id counts within a channel, at the very
indexer that gave it, and only until that one is restarted. Each yes is said once.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, Final, Self
from uuid import UUID, uuid5

import msgspec
from pydantic import Field, model_validator

from penstock.block import Batch
from penstock.destinations.answers import describe
from penstock.destinations.base import Confirm, Delivered, Partial, Retry, Verdict
from penstock.destinations.splunk_answers import ACKS_OFF, Said, read
from penstock.exchange import Answer, Failure, FailureKind, Request, Response
from penstock.fields import Duration, Model

CHANNEL: Final = "X-Splunk-Request-Channel"
_OURS: Final = UUID("a3f1c6f2-0d5e-4d39-9d3a-5a1f4b2c7e60")
_LOST: Final = frozenset({10, 11})
"""The channel is not known, though events went through it: it was forgotten in a restart."""
_NOT_GIVEN: Final = "the token has no indexer acknowledgement: events count as delivered once they are taken"
_NOT_ASKED: Final = (
    "the token has indexer acknowledgement, for which nobody asks: set `acks.enabled`, or turn it off there"
)


class AckSettings(Model):
    """Indexer acknowledgement, where the token has it."""

    enabled: bool = False
    """Events count as delivered only once Splunk says that they are indexed. Those that stood before a refused event in
    the same request count as delivered at once: Splunk gives no acknowledgement for them."""
    every: Duration = Field(default=2.0, gt=0)
    """Time between two questions."""
    until: Duration = Field(default=300.0, gt=0)
    """Events that are not acknowledged after this time are sent again."""

    @model_validator(mode="after")
    def _asks_in_time(self) -> Self:
        if self.every >= self.until:
            raise ValueError("never asks: `every` is to be shorter than `until`")
        return self


class _Acks(msgspec.Struct):
    acks: dict[str, Any]


_acks: Final = msgspec.json.Decoder(_Acks)


def channel_of(name: str, batch: Batch) -> str:
    """A GUID that no other daemon has, and no other destination of this one: acknowledgements are told once."""
    return _channel(name, batch.pieces[0].node)


@lru_cache(maxsize=256)
def _channel(name: str, node: str) -> str:
    return str(uuid5(_OURS, f"{node}\n{name}"))


class Acks:
    """Asks whether events are indexed."""

    def __init__(self, settings: AckSettings, headers: Mapping[str, str]) -> None:
        self._settings = settings
        self._headers = headers

    def settle(self, verdict: Verdict, said: Said, url: str, channel: str, count: int) -> Verdict:
        """What comes of a batch of which something was taken; `url` is where to ask about it."""
        if not isinstance(verdict, Delivered | Partial):
            return verdict
        if not self._settings.enabled:
            return verdict if said.ack is None else _warned(verdict, _NOT_ASKED)
        if said.ack is None:
            return _warned(verdict, _NOT_GIVEN)
        request = Request(
            method="POST",
            url=f"{url}?channel={channel}",
            headers={**self._headers, CHANNEL: channel},
            body=b'{"acks":[%d]}' % said.ack,
        )
        judge = partial(_judge, verdict, said.ack, count)
        return Confirm(request, judge, every=self._settings.every, until=self._settings.until)


def _warned(verdict: Delivered | Partial, warning: str) -> Verdict:
    return replace(verdict, warning=warning) if isinstance(verdict, Delivered) else verdict


def _judge(settled: Delivered | Partial, ack: int, count: int, answer: Answer) -> Verdict:
    """`settled` is the verdict once the answer is yes."""
    reason = describe(answer)
    said = read(answer)
    if isinstance(answer, Failure):
        gone = answer.kind is FailureKind.REFUSED
        return (
            _again(count, f"the indexer is gone, and its acknowledgements with it: {reason}")
            if gone
            else Retry(reason)
        )
    if said.code in _LOST:
        return _again(count, f"the indexer has forgotten its acknowledgements: {reason}")
    if said.code == ACKS_OFF:
        return _warned(settled, _NOT_GIVEN)
    return settled if _is_yes(answer, ack) else Retry(f"not acknowledged: {reason}")


def _is_yes(answer: Response, ack: int) -> bool:
    if not 200 <= answer.status < 300 or answer.truncated:
        return False
    try:
        return _acks.decode(answer.body).acks.get(str(ack)) is True
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False


def _again(count: int, reason: str) -> Verdict:
    """Send them once more: to go on asking would be in vain, or find the acknowledgement of other events.

    A restarted indexer counts from 0 again, in the same channel.
    """
    return Partial(range(count), {}, reason)
