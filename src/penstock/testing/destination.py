"""A destination of few lines: what each status means is a table."""

from collections.abc import Mapping

from penstock.block import Batch
from penstock.destinations.base import Delivered, Limits, Retry, Unfit, Verdict
from penstock.exchange import Answer, Failure, Request
from penstock.transport import HttpTransport, Transport


class TableDestination:
    """Posts NDJSON. A status that is not in `verdicts` means delivered, no answer means retry."""

    def __init__(self, verdicts: Mapping[int, Verdict] | None = None, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        self.limits = limits
        self.transport: Transport = HttpTransport()
        self.secrets: frozenset[str] = frozenset()
        self.unfit: dict[int, str] = {}
        """What the next `encode` cannot express, once."""
        self._verdicts = verdicts or {}

    def encode(self, batch: Batch) -> Request | Unfit:
        if self.unfit:
            unfit, self.unfit = self.unfit, {}
            return Unfit(unfit)
        return Request("POST", "http://service/", body=batch.data)

    def judge(self, batch: Batch, answer: Answer) -> Verdict:  # noqa: ARG002 - the table knows no batch
        if isinstance(answer, Failure):
            return Retry(answer.detail)
        return self._verdicts.get(answer.status, Delivered())
