"""A destination of few lines: what each status means is a table."""

from collections.abc import Mapping

from penstock.block import Batch
from penstock.destinations.base import Delivered, Encoded, Limits, Retry, Split, Unfit, Verdict
from penstock.exchange import Answer, Failure, Note, Request
from penstock.transport import HttpTransport, Transport


class TableDestination:
    """Posts NDJSON. A status that is not in `verdicts` means delivered, no answer means retry."""

    def __init__(self, verdicts: Mapping[int, Verdict] | None = None, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        self.limits = limits
        self.transport: Transport = HttpTransport()
        self.secrets: frozenset[str] = frozenset()
        self.unfit: dict[int, str] = {}
        """What the next `encode` cannot express, once."""
        self.notes: Mapping[int, Note] = {}
        """What every request says of its events."""
        self.weight: int | None = None
        """What every request says that it weighs."""
        self.most: int | None = None
        """Events that go into one request; more are split."""
        self._verdicts = verdicts or {}

    def encode(self, batch: Batch) -> Encoded:
        if self.unfit:
            unfit, self.unfit = self.unfit, {}
            return Unfit(unfit)
        if self.most and batch.count > self.most:
            starts = range(0, batch.count, self.most)
            return Split([range(start, min(start + self.most, batch.count)) for start in starts])
        return Request("POST", "http://service/", body=batch.data, notes=self.notes, weight=self.weight)

    def judge(self, batch: Batch, answer: Answer) -> Verdict:  # noqa: ARG002 - the table knows no batch
        if isinstance(answer, Failure):
            return Retry(answer.detail)
        return self._verdicts.get(answer.status, Delivered())
