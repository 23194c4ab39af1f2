"""What becomes of one HTTP request: its answer, and the events in it."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from penstock.clock import Clock
from penstock.errors import Unavailable
from penstock.sources.base import Accept, SourceStats
from penstock.sources.http_answers import Refusal, answer, plain, refuse
from penstock.sources.http_body import BodyReader, Room
from penstock.sources.http_cors import Cors
from penstock.sources.http_events import EventReader, Events, add_counts, form_of

_HOW: Final = """\
Penstock takes log events here: POST them as NDJSON, as a JSON array, as one JSON object or as text lines.

  curl -d '{"level":"info","message":"hello"}' %s
"""
_METHODS: Final = "GET, HEAD, OPTIONS, POST"


@dataclass(slots=True)
class Ingest:
    """The handler of an `aiohttp.web.Server`. The 202 comes only once the events are durable."""

    accept: Accept
    clock: Clock
    stats: SourceStats
    events: EventReader
    bodies: BodyReader
    room: Room
    paths: frozenset[str]
    token: bytes
    """Empty: none is asked for."""
    cors: Cors
    keep_good: bool
    closing: bool = field(default=False, init=False)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        response = await self._answer(request, origin)
        if origin is not None:
            response.headers.update(self.cors.headers(origin))
        return response

    async def _answer(self, request: web.BaseRequest, origin: str | None) -> web.Response:
        path = request.raw_path.partition("?")[0]
        if path not in self.paths:
            return refuse(Refusal(404, f"nothing is here: post to {' or '.join(sorted(self.paths))}"))
        if origin is not None and not self.cors.allows(origin):
            return refuse(Refusal(403, f"pages of {origin!r} may not send: name it in `cors.origins`"))
        match request.method:
            case "POST":
                refusal = self._shut(request.headers)
                return refuse(refusal) if refusal else await self._post(request)
            case "OPTIONS":
                return plain(204, "", {"Allow": _METHODS, **self.cors.preflight(request.headers)})
            case "GET" | "HEAD":
                return plain(200, _HOW % f"{request.scheme}://{request.host}{path}")
            case _:
                return refuse(Refusal(405, "send events with POST", {"Allow": _METHODS}))

    def _shut(self, headers: Mapping[str, str]) -> Refusal | None:
        """Why this post is not even looked at; none where it is."""
        if self.token:
            scheme, _, token = headers.get("Authorization", "").partition(" ")
            given = token.strip().encode("utf-8", "surrogateescape")
            if scheme.lower() != "bearer" or not hmac.compare_digest(given, self.token):
                return Refusal(
                    401,
                    "the token is missing or wrong: send `Authorization: Bearer <token>`",
                    {"WWW-Authenticate": 'Bearer realm="penstock"'},
                )
        if self.closing:
            return Refusal(503, "going down: send it again later", {"Retry-After": "5"}, close=True)
        if self.stats.paused:
            return Refusal(429, "nothing can be taken for now: send it again later", {"Retry-After": "1"})
        return None

    async def _post(self, request: web.BaseRequest) -> web.Response:
        form = form_of(request.headers.get("Content-Type", ""))
        if isinstance(form, Refusal):
            return refuse(form)
        with self.room.lease() as lease:
            body = await self.bodies.read(request, lease)
            if isinstance(body, Refusal):
                return refuse(body)
            events = await self.events.read(body, form, self.clock.time())
        if isinstance(events, Refusal):
            return refuse(events)
        return await self._take(events)

    async def _take(self, events: Events) -> web.Response:
        rejected = events.malformed_total
        if rejected and not self.keep_good:
            rejected += events.tally.events
            events = Events(malformed=events.malformed, malformed_total=events.malformed_total)
        self.stats.discarded += rejected
        add_counts(self.stats, events.tally)
        receipts = [self.accept(block) for block in events.blocks]
        try:
            for receipt in receipts:
                await receipt.durable()
        except Unavailable as exc:
            after = str(max(1, round(exc.retry_after)))
            return refuse(Refusal(503, f"not written down yet: {exc}", {"Retry-After": after}))
        if not events.malformed:
            return answer(202, {"accepted": events.tally.events})
        return answer(400, _report(events, rejected))


def _report(events: Events, rejected: int) -> dict[str, object]:
    kept = "the others were taken" if events.blocks else "nothing was taken"
    return {
        "error": f"{events.malformed_total} malformed, {kept}: send none of what was taken again",
        "accepted": events.tally.events,
        "rejected": events.malformed,
        "rejected_total": rejected,
    }
