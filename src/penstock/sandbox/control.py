"""The sandbox asked and told what to do, over HTTP: faults, and the accounts of what was received.

Changes are taken as JSON only, which a page in a browser cannot send here without being asked first.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from aiohttp import web

from penstock.errors import ConfigError
from penstock.http_log import protocol_log
from penstock.sandbox import loading
from penstock.sandbox.server import Server
from penstock.sandbox.service import Accepted
from penstock.sandbox.settings import ServiceConfig
from penstock.sandbox.weather import Weather

MAX_BODY: Final = 2**20
_MOST_DIGITS: Final = 18
"""Python refuses to read numbers with thousands of them."""
PATHS: Final = {
    "GET /services": "what is played, and where",
    "GET /received": "what each service has accepted: counts, doubles, holes",
    "GET /received/<service>?events=N": "the same of one, and its latest N events",
    "DELETE /received[/<service>]": "forget it",
    "GET /faults": "the faults, and how often each has struck",
    "POST /faults": "add one, or a list of them",
    "PUT /faults": "have these in place of all",
    "DELETE /faults[/<id>]": "remove all, or one",
    "GET /authority.pem": "the certificate that clients of services with TLS are to trust",
}


class Control:
    """The handlers."""

    def __init__(
        self,
        servers: Mapping[str, Server],
        services: Mapping[str, ServiceConfig],
        types: Mapping[str, str],
        weather: Weather,
        authority: bytes = b"",
    ) -> None:
        """`types` has each service's `type`; `authority` is the certificate, empty where there is none."""
        self._servers = servers
        self._services = services
        self._types = types
        self._weather = weather
        self._authority = authority

    def runner(self) -> web.AppRunner:
        """What serves it; to be set up."""
        app = web.Application(middlewares=[_as_json], client_max_size=MAX_BODY)
        app.add_routes(
            [
                web.get("/", self._index),
                web.get("/services", self._played),
                web.get("/received", self._received),
                web.delete("/received", self._forget),
                web.get("/received/{service}", self._received_by),
                web.delete("/received/{service}", self._forget),
                web.get("/faults", self._faults),
                web.post("/faults", self._add),
                web.put("/faults", self._replace),
                web.delete("/faults", self._remove),
                web.delete("/faults/{id}", self._remove),
                web.get("/authority.pem", self._pem),
            ]
        )
        return web.AppRunner(app, access_log=None, logger=protocol_log(__name__), handle_signals=False)

    async def _index(self, _request: web.Request) -> web.Response:
        return _json(PATHS)

    async def _played(self, _request: web.Request) -> web.Response:
        return _json(
            {
                name: {"type": self._types[name], "url": server.url, "tls": self._services[name].tls}
                for name, server in self._servers.items()
            }
        )

    async def _received(self, _request: web.Request) -> web.Response:
        return _json({name: server.received.report() for name, server in self._servers.items()})

    async def _received_by(self, request: web.Request) -> web.Response:
        received = self._server(request).received
        asked = request.query.get("events", "0")
        if not (asked.isascii() and asked.isdecimal() and len(asked) <= _MOST_DIGITS):
            raise web.HTTPBadRequest(text=f"events is no whole number of at most {_MOST_DIGITS} digits")
        report = received.report()
        if "events" in request.query:
            count = min(int(asked), len(received.events))
            latest = list(received.events)[len(received.events) - count :]
            report["latest"] = [{"id": one.id, "event": _as_json_value(one)} for one in latest]
        return _json(report)

    async def _forget(self, request: web.Request) -> web.Response:
        named = [self._server(request)] if "service" in request.match_info else self._servers.values()
        for server in named:
            server.received.forget()
        return _json({"forgotten": [server.name for server in named]})

    async def _faults(self, _request: web.Request) -> web.Response:
        return _json({"seed": self._weather.seed, "faults": self._weather.report()})

    async def _add(self, request: web.Request) -> web.Response:
        found = loading.faults(await _body(request), self._services)
        return _json({"added": self._weather.add(found)}, 201)

    async def _replace(self, request: web.Request) -> web.Response:
        body = await _body(request)
        if not isinstance(body, list):
            raise web.HTTPBadRequest(text="the body must be a list of faults; post a single one to add it")
        found = loading.faults(body, self._services)
        removed = self._weather.remove()
        return _json({"removed": removed, "added": self._weather.add(found)})

    async def _remove(self, request: web.Request) -> web.Response:
        fault_id = request.match_info.get("id")
        removed = self._weather.remove(fault_id)
        if fault_id is not None and not removed:
            raise web.HTTPNotFound(text=f"there is no fault {fault_id!r}: look at /faults")
        return _json({"removed": removed})

    async def _pem(self, _request: web.Request) -> web.Response:
        if not self._authority:
            raise web.HTTPNotFound(text="no service has `tls: true`")
        return web.Response(body=self._authority, content_type="application/x-pem-file")

    def _server(self, request: web.Request) -> Server:
        name = request.match_info["service"]
        if name not in self._servers:
            raise web.HTTPNotFound(text=f"there is no service {name!r}: there are {', '.join(self._servers)}")
        return self._servers[name]


async def _body(request: web.Request) -> object:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="send JSON, with Content-Type: application/json")
    try:
        body: object = orjson.loads(await request.read())
    except orjson.JSONDecodeError as exc:
        raise web.HTTPBadRequest(text=f"the body is not JSON: {exc}") from exc
    return body


def _as_json_value(accepted: Accepted) -> Any:
    try:
        orjson.loads(accepted.event)
    except orjson.JSONDecodeError:
        return accepted.event.decode(errors="replace")
    return orjson.Fragment(accepted.event)


def _json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    body = orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


@web.middleware
async def _as_json(request: web.Request, handler: Any) -> web.StreamResponse:
    """Whatever is wrong is told as `{"error": ...}`."""
    try:
        response: web.StreamResponse = await handler(request)
    except web.HTTPException as exc:
        allow = {"Allow": exc.headers["Allow"]} if "Allow" in exc.headers else None
        return _json({"error": exc.text or exc.reason}, exc.status, allow)
    except ConfigError as exc:
        return _json({"error": "these faults cannot be set", "problems": list(map(str, exc.problems))}, 422)
    return response
