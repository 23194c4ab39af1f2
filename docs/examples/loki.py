"""Grafana Loki's push API as a destination of your own: https://grafana.com/docs/loki/latest/reference/loki-http-api/.

destinations:
  loki:
    type: custom
    class: loki:Loki                  # this file as loki.py in a folder on PYTHONPATH
    options: {url: "http://127.0.0.1:3100", labels: {job: app}}
"""

from collections.abc import Mapping

import msgspec

from penstock.block import Batch
from penstock.destinations.answers import describe, retry_after
from penstock.destinations.base import Blocked, Delivered, Limits, Refused, Retry, TooLarge, Verdict
from penstock.exchange import Answer, Failure, Request
from penstock.transport import HttpTransport


class Loki:
    """Each event is one line of one stream, stamped with the time at which it arrived."""

    # `["<nanoseconds>","<event>"],` around each event, and room for its quotes, which are escaped.
    limits = Limits(bytes=4 * 2**20, batch_overhead=200, event_overhead=60, estimated=True)

    def __init__(
        self, name: str, *, url: str, labels: Mapping[str, str] | None = None, tenant: str = ""
    ) -> None:
        self.transport = HttpTransport()  # TLS, timeouts and proxies are set here
        self.secrets: frozenset[str] = frozenset()  # what must never be shown, should an answer repeat it
        self._url = url.rstrip("/") + "/loki/api/v1/push"
        self._headers = {"Content-Type": "application/json"} | ({"X-Scope-OrgID": tenant} if tenant else {})
        self._labels = msgspec.json.encode(labels or {"job": name})

    def encode(self, batch: Batch) -> Request:
        """No clock, no counter, no random number: the same batch gives the same bytes."""
        encode = msgspec.json.encode
        values = []
        for piece in batch.pieces:
            nanoseconds = int(piece.arrived * 1e9)  # one more for each event keeps their order
            values += [
                b'["%d",%b]' % (nanoseconds + index, encode(line.decode()))
                for index, line in enumerate(piece.lines())
            ]
        body = b'{"streams":[{"stream":%b,"values":[%b]}]}' % (self._labels, b",".join(values))
        return Request("POST", self._url, self._headers, body, compression="gzip")

    def judge(self, batch: Batch, answer: Answer) -> Verdict:
        """What Loki means. Total: every status has a verdict, and so has no answer at all."""
        del batch  # Loki answers for all of it at once
        reason = describe(answer)
        if isinstance(answer, Failure):
            return Retry(reason)
        status = answer.status
        if 200 <= status < 300:
            return Delivered()
        if status in {401, 403}:  # a wrong tenant or token: the events are fine, so they are held
            return Blocked(reason)
        if status == 413:
            return TooLarge(reason)
        if status == 429 or not 300 <= status < 500:
            return Retry(reason, retry_after(answer), overload=status in {429, 503})
        # An event too old or too long gives 400, and the batch is bisected to find it; anything else is our request's
        # fault.
        return Refused(reason, "an event" if status in {400, 422} else "the request")
