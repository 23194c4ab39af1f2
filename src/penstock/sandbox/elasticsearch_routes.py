"""All that is asked beside `_bulk`: the cluster itself, indices, templates, and reading back."""

from typing import Any, Final

import msgspec

from penstock.sandbox import elasticsearch_search as reading
from penstock.sandbox.elasticsearch_asking import Parameters, Said
from penstock.sandbox.elasticsearch_cluster import Cluster, Index, Template
from penstock.sandbox.elasticsearch_errors import Product, Trouble, illegal, objects, unplayed
from penstock.sandbox.elasticsearch_mapping import Mapping
from penstock.sandbox.elasticsearch_names import check_name

_NUMBERS: Final[dict[Product, dict[str, Any]]] = {
    "elasticsearch": {
        "number": "8.19.0",
        "build_flavor": "default",
        "build_type": "docker",
        "build_hash": "sandbox",
        "build_date": "2025-07-23T00:00:00Z",
        "build_snapshot": False,
        "lucene_version": "9.12.2",
        "minimum_wire_compatibility_version": "7.17.0",
        "minimum_index_compatibility_version": "7.0.0",
    },
    "opensearch": {
        "distribution": "opensearch",
        "number": "3.6.0",
        "build_type": "tar",
        "build_hash": "sandbox",
        "build_date": "2026-04-04T00:00:00Z",
        "build_snapshot": False,
        "lucene_version": "10.4.0",
        "minimum_wire_compatibility_version": "2.19.0",
        "minimum_index_compatibility_version": "2.0.0",
    },
}
_TAGLINES: Final[dict[Product, str]] = {
    "elasticsearch": "You Know, for Search",
    "opensearch": "The OpenSearch Project: https://opensearch.org/",
}
_MOST_TEMPLATES: Final = 1000
_ACKNOWLEDGED: Final = {"acknowledged": True}
_BODY_KEYS: Final = frozenset(
    {"index_patterns", "priority", "data_stream", "template", "composed_of", "version", "_meta"}
)


class Routes:
    """Answers by method and path."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def answer(self, method: str, parameters: Parameters, body: bytes) -> Said:
        """What is to be said. Raises `Trouble`."""
        match parameters.segments:
            case ():
                return self._root(method, parameters)
            case ("_cluster", "health", *_) if method == "GET":
                return 200, self._health()
            case ("_index_template", name):
                return self._template(method, name, _object(body), parameters)
            case (*names, "_refresh" | "_count" | "_search" | "_bulk" as verb) if len(names) <= 1:
                return self._read(method, names[0] if names else "_all", verb, body, parameters)
            case (name, *rest) if not name.startswith("_"):
                return self._of_index(method, name, rest, body, parameters)
            case _:
                return self._nowhere(method, parameters)

    def _root(self, method: str, parameters: Parameters) -> Said:
        if method not in ("GET", "HEAD"):
            return _wrong_method(method, parameters, "GET, HEAD")
        return 200, self._about() if method == "GET" else None

    def _read(self, method: str, name: str, verb: str, body: bytes, parameters: Parameters) -> Said:
        if verb == "_bulk" or method not in ("GET", "POST"):
            return _wrong_method(method, parameters, "POST, PUT" if verb == "_bulk" else "GET, POST")
        if verb == "_refresh":
            number = len(self._cluster.found(name))
            return 200, {"_shards": {"total": 2 * number, "successful": number, "failed": 0}}
        ask = reading.count if verb == "_count" else reading.search
        return 200, ask(self._cluster, name, reading.body_of(body, parameters.query))

    def _of_index(self, method: str, name: str, rest: list[str], body: bytes, parameters: Parameters) -> Said:
        match (method, *rest):
            case (_,):
                return self._index(method, name, body, parameters)
            case ("GET" | "HEAD", "_doc", doc_id):
                found = reading.one(self._cluster, name, doc_id)
                return 200 if found["found"] else 404, found if method == "GET" else None
            case ("PUT", "_settings"):
                said = _object(body)
                for index in self._cluster.found(name):
                    self._cluster.change(index, objects(said.get("settings", said), "settings"))
                return 200, _ACKNOWLEDGED
            case ("GET", "_mapping"):
                return 200, {one.name: {"mappings": one.mapping.shown()} for one in self._cluster.found(name)}
            case _:
                return self._nowhere(method, parameters)

    def _nowhere(self, method: str, parameters: Parameters) -> Said:
        if len(parameters.segments) == 1:
            check_name(parameters.segments[0])
        return 400, {"error": f"no handler found for uri [{parameters.path}] and method [{method}]"}

    def _about(self) -> dict[str, Any]:
        product = self._cluster.product
        return {
            "name": "sandbox",
            "cluster_name": "penstock",
            "cluster_uuid": "c2FuZGJveC1wZW5zdG9jaw",
            "version": _NUMBERS[product],
            "tagline": _TAGLINES[product],
        }

    def _health(self) -> dict[str, Any]:
        number = len(self._cluster.indices)
        return {
            "cluster_name": "penstock",
            "status": "yellow" if number else "green",
            "timed_out": False,
            "number_of_nodes": 1,
            "number_of_data_nodes": 1,
            "active_primary_shards": number,
            "active_shards": number,
            "relocating_shards": 0,
            "initializing_shards": 0,
            "unassigned_shards": number,
            "delayed_unassigned_shards": 0,
            "number_of_pending_tasks": 0,
            "number_of_in_flight_fetch": 0,
            "task_max_waiting_in_queue_millis": 0,
            "active_shards_percent_as_number": 50.0 if number else 100.0,
        }

    def _index(self, method: str, name: str, body: bytes, parameters: Parameters) -> Said:
        match method:
            case "PUT":
                template = self._cluster.template(name)
                if template is not None and template.stream:
                    raise illegal(
                        f"cannot create index with name [{name}], because it matches with a template that creates data "
                        "streams only, use create data stream api instead"
                    )
                self._cluster.create(name, _object(body) or (template.body if template else {}))
                return 200, {**_ACKNOWLEDGED, "shards_acknowledged": True, "index": name}
            case "DELETE":
                if "*" in name or name == "_all":
                    raise illegal("Wildcard expressions or all indices are not allowed")
                self._cluster.delete(name)
                return 200, _ACKNOWLEDGED
            case "GET":
                return 200, {one.name: _shown(one) for one in self._cluster.found(name)}
            case "HEAD":
                return 200 if name in self._cluster.indices or name in self._cluster.streams else 404, None
            case _:
                return _wrong_method(method, parameters, "GET, PUT, DELETE, HEAD")

    def _template(self, method: str, name: str, body: dict[str, Any], parameters: Parameters) -> Said:
        templates = self._cluster.templates
        match method:
            case "PUT" | "POST":
                if name not in templates and len(templates) >= _MOST_TEMPLATES:
                    raise unplayed(f"more than {_MOST_TEMPLATES} templates")
                templates[name] = self._checked(body)
                return 200, _ACKNOWLEDGED
            case "DELETE" if name in templates:
                del templates[name]
                return 200, _ACKNOWLEDGED
            case "DELETE":
                raise Trouble(404, "index_template_missing_exception", f"index_template [{name}] missing")
            case "GET" | "HEAD" if name in templates:
                found = templates[name]
                shown = {"index_patterns": found.patterns, "template": found.body, "priority": found.priority}
                shown |= {"data_stream": {}} if found.stream else {}
                return 200, {
                    "index_templates": [{"name": name, "index_template": shown}]
                } if method == "GET" else None
            case "GET" | "HEAD":
                raise Trouble(
                    404, "resource_not_found_exception", f"index template matching [{name}] not found"
                )
            case _:
                return _wrong_method(method, parameters, "GET, HEAD, POST, PUT, DELETE")

    def _checked(self, body: dict[str, Any]) -> Template:
        if unknown := [key for key in body if key not in _BODY_KEYS]:
            raise Trouble(400, "x_content_parse_exception", f"[index_template] unknown field [{unknown[0]}]")
        patterns = body.get("index_patterns")
        priority = body.get("priority", 0)
        template = body.get("template") or {}
        if not isinstance(patterns, list) or not isinstance(priority, int) or not isinstance(template, dict):
            raise Trouble(400, "x_content_parse_exception", "[index_template] failed to parse")
        Mapping(objects(template.get("mappings"), "mappings"), self._cluster.product)
        return Template(tuple([str(one) for one in patterns]), priority, template, "data_stream" in body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(body) if body.strip() else {}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise Trouble(400, "parse_exception", f"Failed to parse content to map: {exc}") from exc
    if not isinstance(value, dict):
        raise Trouble(400, "parse_exception", "Failed to parse content to map")
    return value


def _shown(index: Index) -> dict[str, Any]:
    settings = {
        "number_of_shards": "1",
        "number_of_replicas": "1",
        "provided_name": index.name,
        "uuid": index.uuid,
    }
    return {"aliases": {}, "mappings": index.mapping.shown(), "settings": {"index": settings}}


def _wrong_method(method: str, parameters: Parameters, allowed: str) -> Said:
    reason = f"Incorrect HTTP method for uri [{parameters.path}] and method [{method}], allowed: [{allowed}]"
    return 405, {"error": reason, "status": 405}
