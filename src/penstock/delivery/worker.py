"""One attempt at one batch, and what its verdict means. The only place where a verdict becomes a decision."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from math import ceil, log2
from typing import Final, assert_never

from penstock.block import Batch
from penstock.clock import Clock, sleep
from penstock.delivery.blotter import Blotter
from penstock.delivery.decision import Dead, Decision
from penstock.delivery.job import Job, SearchBudget
from penstock.delivery.stats import DeadKind, DestinationStats, Outcome
from penstock.destinations.base import (
    Blocked,
    Confirm,
    Delivered,
    Destination,
    Limits,
    Partial,
    Prepare,
    Probing,
    Refused,
    Retry,
    Split,
    TooLarge,
    Unfit,
    Verdict,
)
from penstock.exchange import Answer, Append, Failure, ForAll, Note, Request, Response
from penstock.wire.base import Wire

ANSWER_KEPT: Final = 500
"""Characters of an answer that go into a dead letter."""
MOST_PREPARATIONS: Final = 8
"""Things that are made before a batch is sent again; it needs two or three."""


class Worker:
    """Encodes, sends and judges for one destination. Holds no events: what it decides, the lane carries out."""

    def __init__(
        self,
        destination: Destination,
        wire: Wire,
        clock: Clock,
        stats: DestinationStats,
        on_confirming: Callable[[Job], None],
    ) -> None:
        self._destination = destination
        self._wire = wire
        self._clock = clock
        self._stats = stats
        self._on_confirming = on_confirming
        self._blotter = Blotter(destination.secrets)
        self._probe = destination.probe() if isinstance(destination, Probing) else None

    async def attempt(self, job: Job) -> Decision:
        """Sends the batch once, with what the service wants before and after it."""
        return self._blot(await self._attempt(job))

    async def _attempt(self, job: Job) -> Decision:  # noqa: C901, PLR0911, PLR0912 - a case for each verdict, in one place
        batch = job.batch
        encoded = self._destination.encode(batch)
        if isinstance(encoded, Unfit):
            return _unfit(job, encoded)
        if isinstance(encoded, Split):
            return Decision(again=tuple(job.part(batch.select(part)) for part in encoded.parts), sent=False)
        if too_long(encoded, self._destination.limits):
            return replace(_too_large(job, "larger than the service takes", None), sent=False)
        if job.attempts:
            self._stats.retried += batch.count
        job.attempts += 1
        job.first_tried = job.first_tried or self._clock.monotonic()
        answer = await self._send(encoded)
        verdict = self._destination.judge(batch, answer)
        preparations = 0
        while True:
            self._count(verdict, answer)
            match verdict:
                case Delivered(slow_down, notes, warning):
                    return Decision(
                        delivered=batch, notes=_noted(encoded, notes), overload=slow_down, warning=warning
                    )
                case Retry(reason, after, overload):
                    return Decision(later=job, after=after, failed=True, overload=overload, reason=reason)
                case Partial():
                    return _partial(job, encoded, verdict, answer)
                case TooLarge(reason):
                    return _too_large(job, reason, answer)
                case Prepare(request, judge, reason):
                    if preparations == MOST_PREPARATIONS:
                        verdict = Retry(f"prepared in vain: {reason}")
                        continue
                    preparations += 1
                    answer = await self._send(request)
                    verdict = judge(answer)
                    if isinstance(verdict, Delivered):
                        preparations = (
                            MOST_PREPARATIONS  # all is prepared: should it still be asked for, later
                        )
                        answer = await self._send(encoded)
                        verdict = self._destination.judge(batch, answer)
                case Confirm():
                    verdict, answer = await self._confirm(job, verdict)
                case Blocked(reason):
                    return Decision(later=job, blocked=True, reason=reason)
                case Refused():
                    return _refused(job, verdict, answer)
                case _:
                    assert_never(verdict)

    async def knock(self, job: Job) -> Decision | None:
        """Asks a service that was away how it is; what to decide where it is not back. None: try it with a batch.

        That is no attempt at the batch, but the time until it is given up runs.
        """
        if self._probe is None:
            return None
        job.first_tried = job.first_tried or self._clock.monotonic()
        answer = await self._send(self._probe.request)
        verdict = self._probe.judge(answer)
        self._count(verdict, answer)
        match verdict:
            case Retry(reason, after, overload):
                return self._blot(
                    Decision(later=job, after=after, failed=True, overload=overload, reason=reason)
                )
            case Blocked(reason):
                return self._blot(Decision(later=job, blocked=True, reason=reason))
            case _:
                return None

    def _blot(self, decision: Decision) -> Decision:
        """Takes out secrets that the service has repeated in its answer."""
        if not (decision.reason or decision.dead or decision.warning):
            return decision
        blot = self._blotter
        dead = tuple(
            replace(grave, reason=blot(grave.reason), answer=blot(grave.answer)) for grave in decision.dead
        )
        return replace(decision, reason=blot(decision.reason), warning=blot(decision.warning), dead=dead)

    async def _send(self, request: Request | Append) -> Answer:
        begun = self._clock.monotonic()
        answer = await self._wire.send(request)
        self._stats.request_duration.observe(self._clock.monotonic() - begun)
        self._stats.bytes_sent += len(request.body if isinstance(request, Request) else request.data)
        return answer

    async def _confirm(self, job: Job, question: Confirm) -> tuple[Verdict, Answer]:
        """Asks until the service says yes, or for as long as it makes sense."""
        self._on_confirming(job)
        deadline = self._clock.monotonic() + question.until
        while True:
            await sleep(self._clock, question.every)
            answer = await self._send(question.request)
            verdict = question.judge(answer)
            if not isinstance(verdict, Retry):
                return verdict, answer
            if self._clock.monotonic() >= deadline:
                return Retry(f"not confirmed in {question.until:g} s: {verdict.reason}"), answer

    def _count(self, verdict: Verdict, answer: Answer) -> None:
        outcome: Outcome = "failure" if isinstance(answer, Failure) else OUTCOMES[type(verdict)]
        self._stats.requests[outcome] = self._stats.requests.get(outcome, 0) + 1


OUTCOMES: Final[dict[type[Verdict], Outcome]] = {
    Delivered: "delivered",
    Partial: "partial",
    Retry: "retry",
    TooLarge: "too_large",
    Prepare: "prepare",
    Confirm: "confirm",
    Blocked: "blocked",
    Refused: "refused",
}


def too_long(encoded: Request | Append, limits: Limits) -> bool:
    """It is larger than the service takes: the batcher's arithmetic is linear, encoding need not be."""
    if limits.bytes is None or not isinstance(encoded, Request):
        return False
    return (len(encoded.body) if encoded.weight is None else encoded.weight) > limits.bytes


def _dead(batch: Batch, kind: DeadKind, reason: str, answer: Answer | None = None) -> Dead:
    if not isinstance(answer, Response):
        return Dead(batch, kind, reason)
    return Dead(batch, kind, reason, answer.status, answer.body[:ANSWER_KEPT].decode(errors="replace"))


def _by_reason(
    batch: Batch, kind: DeadKind, refused: dict[int, str], answer: Answer | None
) -> tuple[Dead, ...]:
    indices: dict[str, list[int]] = {}
    for index, reason in sorted(refused.items()):
        indices.setdefault(reason, []).append(index)
    return tuple(_dead(batch.select(some), kind, reason, answer) for reason, some in indices.items())


def _unfit(job: Job, unfit: Unfit) -> Decision:
    rest = [i for i in range(job.batch.count) if i not in unfit.refused]
    return Decision(
        dead=_by_reason(job.batch, "unfit", dict(unfit.refused), None),
        again=(job.part(job.batch.select(rest)),) if rest else (),
        reason=next(iter(unfit.refused.values())),
        sent=False,
    )


def _noted(
    encoded: Request | Append, notes: Mapping[int, Note], except_for: Collection[int] = ()
) -> Mapping[Note, int]:
    ours = encoded.notes if isinstance(encoded, Request) else {}
    if not ours and not notes:
        return {}
    counts: Counter[Note] = Counter()
    for some in (ours, notes):
        if isinstance(some, ForAll):
            counts[some.value] += len(some) - sum([index in some for index in except_for])
        else:
            counts.update([note for index, note in some.items() if index not in except_for])
    return counts


def _partial(job: Job, encoded: Request | Append, verdict: Partial, answer: Answer) -> Decision:
    batch = job.batch
    kept = {*verdict.retry, *verdict.refused, *verdict.again}
    delivered = [i for i in range(batch.count) if i not in kept]
    later = job.part(batch.select(verdict.retry)) if verdict.retry else None
    return Decision(
        delivered=batch.select(delivered) if delivered else None,
        notes=_noted(encoded, verdict.notes, kept),
        dead=_by_reason(batch, "refused", dict(verdict.refused), answer),
        again=(job.unseen(batch.select(verdict.again)),) if verdict.again else (),
        later=later,
        after=verdict.after,
        overload=later is not None,
        failed=later is not None and not delivered,
        reason=verdict.reason or next(iter(verdict.refused.values()), ""),
    )


def _too_large(job: Job, reason: str, answer: Answer | None) -> Decision:
    if job.batch.count == 1:
        return Decision(dead=(_dead(job.batch, "too_large", reason, answer),), reason=reason)
    return Decision(again=job.halves(), reason=reason)


def _refused(job: Job, verdict: Refused, answer: Answer) -> Decision:
    """Bisects, so that one bad event does not take its neighbours along; within a budget of requests."""
    if job.search is None and job.batch.count > 1:
        # Enough to single out a handful of bad events; a batch that is bad as a whole soon uses it up.
        job.search = SearchBudget(8 * ceil(log2(job.batch.count)) + 8)
    if job.batch.count == 1 or verdict.culprit == "the request" or not job.search or job.search.requests < 2:
        return Decision(dead=(_dead(job.batch, "refused", verdict.reason, answer),), reason=verdict.reason)
    job.search.requests -= 2
    return Decision(again=job.halves(), reason=verdict.reason)
