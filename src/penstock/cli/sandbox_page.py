"""The reference page of the sandbox's configuration, from its JSON Schema."""

from collections.abc import Iterator
from typing import Any, Final

from penstock.cli.schema_tables import MADE, Schema, resolved, rows, table
from penstock.sandbox.control import PATHS
from penstock.sandbox.faults import RequestFault
from penstock.sandbox.settings import SandboxSettings, ServiceConfig


def sandbox_page(whole: Schema) -> str:
    """All keys, the services, and the faults."""
    own = [name for name in SandboxSettings.model_fields if name not in ("services", "faults")]
    (named,) = whole["properties"]["services"]["patternProperties"].values()
    lines = [MADE, "", *_INTRODUCTION.strip().splitlines(), "", "## All keys", ""]
    lines += table(rows(whole, {"properties": {name: whole["properties"][name] for name in own}}))
    lines += ["", "## Services", "", *_SERVICES.strip().splitlines(), ""]
    lines += _kinds(whole, named, set(ServiceConfig.model_fields))
    lines += ["## What all services have", "", *_shared(whole, named, set(ServiceConfig.model_fields)), ""]
    faults = whole["properties"]["faults"]["items"]
    shared = {field.alias or name for name, field in RequestFault.model_fields.items()}
    lines += ["## Faults", "", *_FAULTS.strip().splitlines(), "", *_kinds(whole, faults, shared)]
    lines += ["## What faults have in common", "", *_COMMON.strip().splitlines(), ""]
    lines += _shared(whole, faults, shared)
    lines += ["", "## The control", "", *_CONTROL.strip().splitlines(), ""]
    asked = [(*request.split(), what) for request, what in PATHS.items()]
    lines += ["| method | path | what |", "|---|---|---|"]
    lines += [f"| `{method}` | `{path}` | {what} |" for method, path, what in asked]
    return "\n".join(lines) + "\n"


def _kinds(whole: Schema, union: Schema, shared: set[str]) -> Iterator[str]:
    for kind in _members(whole, union):
        own = {key: part for key, part in kind["properties"].items() if key not in {"type", *shared}}
        yield from (f"### {kind['properties']['type']['const']}", "", kind.get("description", ""), "")
        if own:
            yield from (*table(rows(whole, {**kind, "properties": own})), "")


def _shared(whole: Schema, union: Schema, shared: set[str]) -> list[str]:
    richest = max(_members(whole, union), key=lambda kind: len(shared & set(kind["properties"])))
    properties = {key: part for key, part in richest["properties"].items() if key in shared}
    return table(rows(whole, {"properties": properties}))


def _members(whole: Schema, union: Schema) -> list[dict[str, Any]]:
    return [resolved(whole, member) for member in union.get("oneOf", [union])]


_INTRODUCTION: Final = """
# Sandbox

What `penstock sandbox --config FILE` reads. [`config/sandbox.yaml`](../../config/sandbox.yaml) shows it with comments;
[test with the sandbox](../how-to/test-with-the-sandbox.md) tells what to do with it. An unknown key is an error, and all
that is wrong is told at once. Sizes, times, addresses and secrets are written as in the daemon's
[configuration](configuration.md); a share is `1%` or a number from 0 to 1.
"""

_SERVICES: Final = """
Each has a name of your choice, by which faults and accounts name it. `type` is that of the destination that delivers to it.
"""

_FAULTS: Final = """
A list. Those that keep an answer from its sender exclude each other: the first that strikes does. Latency and partial
failures come on top. The same objects are what `POST /faults` takes.
"""

_CONTROL: Final = """
HTTP at `listen`. Answers are JSON, changes are sent as `application/json`; what is wrong is told as `{"error": ...}`, with
all `problems` where faults cannot be set (422).
"""

_COMMON: Final = """
`refuse` is for a service as a whole and has only the first four; `tls` is for connections and has no `method` and `path`.
"""
