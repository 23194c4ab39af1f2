"""What the sandbox says when it is up: where things are, and how to send to them."""

from collections.abc import Iterator
from typing import Any

import yaml
from pydantic import BaseModel, SecretStr

from penstock.fields import Address
from penstock.sandbox.settings import ServiceConfig
from penstock.sandbox.stage import Stage


def greeting(stage: Stage, *, with_secrets: bool) -> Iterator[str]:
    """Lines of text. `with_secrets` shows the credentials, which only those of a demonstration may be."""
    control = stage.url
    rows = [("control", f"{control}  (/received, /faults, /services)")]
    for name, server in stage.servers.items():
        rows.append((name, server.url))
        if with_secrets:
            rows += [("", f"{key}: {text}") for key, text in credentials(stage.settings.services[name])]
    if any(service.tls for service in stage.settings.services.values()):
        rows.append(("trust", str(stage.settings.authority_file or f"{control}/authority.pem")))
    rows.append(("seed", f"{stage.weather.seed}, faults at the start: {len(stage.settings.faults)}"))
    width = max(len(first) for first, _ in rows)
    yield from (f"{first:<{width}}  {second}" for first, second in rows)
    open_ones = [address for address in _addresses(stage) if not address.is_loopback]
    if open_ones:
        yield f"warning: open to the network: {', '.join(map(str, open_ones))}"
    if with_secrets:
        yield "To deliver here, put into Penstock's configuration:"
        yield ""
        yield from destinations(stage).splitlines()
        yield ""


def destinations(stage: Stage) -> str:
    """The part of Penstock's configuration that delivers to all of them, as YAML."""
    blocks: dict[str, dict[str, Any]] = {}
    for name, server in stage.servers.items():
        service = stage.settings.services[name]
        block = service.destination(server.url)
        if service.tls and stage.settings.authority_file is not None:
            block["tls"] = {"ca_file": str(stage.settings.authority_file)}
        blocks[name] = block
    text: str = yaml.safe_dump({"destinations": blocks}, sort_keys=False, default_flow_style=False, width=200)
    return text


def credentials(service: ServiceConfig) -> Iterator[tuple[str, str]]:
    """What its clients have to show: each secret by its key."""
    yield from _secrets(service, ())


def _secrets(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    match value:
        case SecretStr():
            yield ".".join(path), value.get_secret_value()
        case BaseModel():
            for name in type(value).model_fields:
                yield from _secrets(getattr(value, name), (*path, name))
        case dict():
            for key, item in value.items():
                yield from _secrets(item, (*path, str(key)))
        case list() | tuple():
            for item in value:
                yield from _secrets(item, path)
        case _:
            return


def _addresses(stage: Stage) -> list[Address]:
    return [stage.address, *(server.address for server in stage.servers.values())]
