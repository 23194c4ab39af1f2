"""The faults that stand now, and what they mean for one request."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import Any, TypeVar

from penstock.clock import Clock
from penstock.sandbox.faults import (
    Breach,
    CountedFault,
    Fault,
    Latency,
    Partial,
    Refuse,
    RequestFault,
    Tls,
    type_name,
)
from penstock.sandbox.service import Spoil, sound

F = TypeVar("F", bound=Fault)


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of one request."""

    wait: float = 0.0
    """Seconds until the service looks at it."""
    spoil: Spoil = sound
    breach: Breach | None = None

    spoiled: Callable[[], bool] = lambda: False
    """Whether the spoil has struck."""

    @property
    def is_met(self) -> bool:
        """By more than latency; to be asked once the service has answered."""
        return self.breach is not None or self.spoiled()

    @property
    def reaches_service(self) -> bool:
        """The service is asked, whatever its sender is told."""
        return self.breach is None or self.breach.taken


CALM = Plan()


@dataclass(slots=True)
class _Standing:
    """A fault that was set, and how often it has struck."""

    id: str
    fault: Fault
    since: float
    met: int = 0
    random: dict[str, Random] = field(default_factory=dict)
    """By service, so that what befalls one does not hang on what another is asked."""

    @property
    def begins(self) -> float:
        return self.since + self.fault.after

    @property
    def ends(self) -> float:
        return float("inf") if self.fault.for_ is None else self.begins + self.fault.for_

    @property
    def is_spent(self) -> bool:
        return (
            isinstance(self.fault, CountedFault)
            and self.fault.count is not None
            and self.met >= self.fault.count
        )

    def stands(self, service: str, now: float) -> bool:
        named = not self.fault.services or service in self.fault.services
        return named and self.begins <= now < self.ends and not self.is_spent


class Weather:
    """All faults of a sandbox. The same seed, faults and requests of a service give the same bad luck."""

    def __init__(
        self, clock: Clock, seed: int, faults: Sequence[Fault] = (), whole: Collection[str] = ()
    ) -> None:
        """`whole` are the services that take a request or not, so that partial failures do not befall them."""
        self.seed = seed
        self.on_change: Callable[[], None] = lambda: None
        """Called once other faults stand; not where one only begins or ends by the clock."""
        self._clock = clock
        self._whole = whole
        self._standing: list[_Standing] = []
        self._given = 0
        self.add(faults)

    def add(self, faults: Sequence[Fault]) -> list[str]:
        """From now on these too; returns what to remove each by. One that has the name of another replaces it."""
        added = []
        for fault in faults:
            self._given += 1
            standing = _Standing(fault.name or str(self._given), fault, self._clock.monotonic())
            self._standing = [other for other in self._standing if other.id != standing.id]
            self._standing.append(standing)
            added.append(standing.id)
        self.on_change()
        return added

    def remove(self, fault_id: str | None = None) -> int:
        """Takes away one, or all; returns how many there were."""
        left = [standing for standing in self._standing if fault_id not in (None, standing.id)]
        removed = len(self._standing) - len(left)
        self._standing = left
        self.on_change()
        return removed

    def report(self) -> list[dict[str, Any]]:
        """Each fault as it was set, with what became of it."""
        now = self._clock.monotonic()
        return [
            {
                "id": standing.id,
                **standing.fault.model_dump(mode="json", by_alias=True, exclude_defaults=True),
                "state": "waits"
                if now < standing.begins
                else "is over"
                if _is_over(standing, now)
                else "stands",
                "met": standing.met,
            }
            for standing in self._standing
        ]

    def plan(self, service: str, method: str, path: str) -> Plan:
        """What becomes of this request; the next one may fare otherwise."""
        if not self._standing:
            return CALM
        wait, spoils, breach = 0.0, list[_Spoiler](), None
        for standing, fault in self._of(RequestFault, service):
            if not _matches(fault, method, path) or (breach and isinstance(fault, Breach)):
                continue
            if isinstance(fault, Partial) and service in self._whole:
                continue
            random = self._luck(standing, service)
            if random.random() >= fault.share:
                continue
            if isinstance(fault, Partial):
                spoils.append(_Spoiler(standing, random, fault.events))
                continue
            standing.met += 1
            if isinstance(fault, Latency):
                wait += random.uniform(fault.delay, fault.up_to or fault.delay)
            elif isinstance(fault, Breach):
                breach = fault
        if not spoils:
            return Plan(wait, breach=breach)
        return Plan(
            wait,
            lambda index: any(one(index) for one in spoils),
            breach,
            lambda: any(one.struck for one in spoils),
        )

    def handshake(self, service: str) -> Tls | None:
        """What befalls a new connection with TLS."""
        for standing, fault in self._of(Tls, service):
            if self._luck(standing, service).random() < fault.share:
                standing.met += 1
                return fault
        return None

    def is_shut(self, service: str) -> bool:
        """Connections to this service are refused now."""
        return any(True for _ in self._of(Refuse, service))

    def next_change(self) -> float | None:
        """In monotonic time, when a service is next shut or opened by the clock."""
        now = self._clock.monotonic()
        moments = [
            moment
            for standing in self._standing
            if isinstance(standing.fault, Refuse)
            for moment in (standing.begins, standing.ends)
            if now < moment < float("inf")
        ]
        return min(moments, default=None)

    def _of(self, kind: type[F], service: str) -> Iterator[tuple[_Standing, F]]:
        now = self._clock.monotonic()
        for standing in self._standing:
            if isinstance(standing.fault, kind) and standing.stands(service, now):
                yield standing, standing.fault

    def _luck(self, standing: _Standing, service: str) -> Random:
        random = standing.random.get(service)
        if random is None:
            seed = f"{self.seed}/{standing.id}/{service}/{type_name(standing.fault)}"
            random = standing.random[service] = Random(seed)  # noqa: S311 - it is to be repeated
        return random


def _is_over(standing: _Standing, now: float) -> bool:
    return standing.is_spent or now >= standing.ends


def _matches(fault: RequestFault, method: str, path: str) -> bool:
    return (fault.method is None or fault.method.upper() == method) and (
        fault.path is None or fnmatchcase(path, fault.path)
    )


class _Spoiler:
    """Partial failures of one request: which event fails is drawn when the service asks."""

    def __init__(self, standing: _Standing, random: Random, share: float) -> None:
        self.struck = False
        self._standing = standing
        self._random = random
        self._share = share

    def __call__(self, index: int) -> bool:
        del index
        hit = self._random.random() < self._share
        if hit and not self.struck:
            self.struck = True
            self._standing.met += 1  # a request in which no event fails has met no fault
        return hit
