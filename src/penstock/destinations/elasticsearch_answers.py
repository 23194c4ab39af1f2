"""What the answers of `_bulk` mean, to the last item.

Elasticsearch and OpenSearch answer 200 even where every document failed, and name the same error differently: the
status of each item is read, never its type.
https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
"""

from typing import Any, Final

import msgspec

from penstock.destinations.answers import describe, is_for_later, judge_status, one_line
from penstock.destinations.base import Blocked, Delivered, Partial, Refused, Retry, TooLarge, Verdict
from penstock.exchange import Answer, Failure, FailureKind, Note, Response

FILTER: Final = "took,errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason,items.*.failure_store"
"""What is needed of an answer (`filter_path`). Every item has a status, so that items keep their places."""

_STORED_ASIDE: Final = b'"failure_store"'
_SHUT: Final = frozenset({401, 403})
_LONGEST: Final = 500
"""Characters of a reason."""


class _Cause(msgspec.Struct):
    reason: str | None = ""


class _Error(msgspec.Struct):
    type: str | None = ""
    reason: str | None = ""
    caused_by: _Cause | None = None


class _Item(msgspec.Struct):
    status: int
    error: _Error | str | None = None
    failure_store: str | None = ""


class _Said(msgspec.Struct):
    errors: bool


class _Bulk(msgspec.Struct):
    items: list[dict[str, _Item]]


_said: Final = msgspec.json.Decoder(_Said)
_bulk: Final = msgspec.json.Decoder(_Bulk)


def judge(answer: Answer, count: int, *, ids: bool, one_index: bool) -> Verdict:
    """The verdict on a batch of `count` events.

    `ids`: they have our own, so that a conflict means stored already. `one_index`: where that is shut, all is.
    """
    if isinstance(answer, Failure):
        nothing_to_sign_with = answer.kind is FailureKind.CREDENTIALS
        return Blocked(describe(answer)) if nothing_to_sign_with else Retry(describe(answer))
    if 200 <= answer.status < 300:
        return _judge_items(answer, count, ids=ids, one_index=one_index)
    return _judge_status(answer)


def _judge_status(answer: Response) -> Verdict:
    reason = describe(answer)
    if answer.status == 400:
        return Refused(reason)
    # Whatever else it is about (a token, the URL, a proxy on the way), it is not the events.
    return judge_status(answer, reason) or Blocked(reason)


def _judge_items(answer: Response, count: int, *, ids: bool, one_index: bool) -> Verdict:
    if answer.truncated:
        # Complaints repeat the values they are about, each twice: fewer events make a shorter answer. What was
        # stored is a conflict then.
        return TooLarge(f"the answer is longer than max_response: {describe(answer)}")
    try:
        errors = _said.decode(answer.body).errors
        if not errors and _STORED_ASIDE not in answer.body:
            return Delivered()
        items = [item for row in _bulk.decode(answer.body).items for item in row.values()]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Retry(f"not an answer to _bulk: {describe(answer)}")
    if not errors and not items:
        return Delivered()
    if len(items) != count:
        return Retry(f"answered for {len(items)} of {count} events: {describe(answer)}")
    return _sorted(items, ids=ids, one_index=one_index)


def _sorted(items: list[_Item], *, ids: bool, one_index: bool) -> Verdict:
    later: list[int] = []
    shut: list[int] = []
    refused: dict[int, str] = {}
    notes: dict[int, Note] = {}
    for index, item in enumerate(items):
        status = item.status
        if 200 <= status < 300:
            if item.failure_store == "used":
                notes[index] = "failure_store"
        elif status == 409 and ids:
            notes[index] = "duplicate"
        elif status in _SHUT:
            shut.append(index)
        elif is_for_later(status):
            later.append(index)
        else:
            refused[index] = _reason(item)
    if len(shut) == len(items) and one_index:
        return Blocked(_reason(items[0]))
    waiting = sorted([*later, *shut])
    if not waiting and not refused:
        return Delivered(notes=notes)
    return Partial(waiting, refused, _reason(items[waiting[0]]) if waiting else "", notes=notes)


def _reason(item: _Item) -> str:
    """`type: reason`, as the service says it."""
    error: Any = item.error
    if not isinstance(error, _Error):
        return one_line(f"status {item.status}: {error or 'no reason given'}")[:_LONGEST]
    words = [error.type, error.reason, error.caused_by.reason if error.caused_by else ""]
    text = ": ".join([one_line(word) for word in words if word])
    return (text or f"status {item.status}")[:_LONGEST]
