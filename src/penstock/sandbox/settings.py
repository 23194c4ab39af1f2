"""The shape of the sandbox's configuration, composed over the services that are installed."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints, create_model

import penstock.sandbox
from penstock import plugins
from penstock.errors import Problem
from penstock.fields import Address, FieldName, Model
from penstock.sandbox.faults import Fault, FaultList, Partial, Tls
from penstock.sandbox.received import ID_FIELD
from penstock.sandbox.service import ServiceSettings

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,64}$")]

LISTEN: Final = Address("127.0.0.1", 9480)


class ServiceConfig(ServiceSettings):
    """A service's whole part of the configuration: the kind's own fields, and where it is played."""

    listen: Address | None = None
    """Left out: where the control listens, at its port and this service's place in the list: 9481, 9482, …"""
    tls: bool = False
    """Take TLS, with a certificate for localhost that is made at the start. Clients are to trust `authority_file`."""


class SandboxSettings(Model):
    """The whole configuration."""

    listen: Address = LISTEN
    """Where faults are set and what was received is told, over HTTP."""
    id_field: Annotated[FieldName, Field(min_length=1)] = ID_FIELD
    """The field of an event by which doubles and holes are known, where the service knows no id itself."""
    seed: int | None = None
    """The same seed, faults and requests give the same bad luck. Left out: another each time, which is told."""
    authority_file: Path | None = None
    """Where to write the certificate, as PEM, that clients of services with `tls: true` are to trust. The control has
    it too, at `/authority.pem`."""
    services: Mapping[Name, ServiceConfig] = Field(min_length=1)
    """What is played, by a name of your choice."""
    faults: FaultList = ()
    """What goes wrong, from the start."""


@cache
def kinds() -> dict[str, type[ServiceConfig]]:
    """Every service that can be played, by its `type`. Raises `PluginError`."""
    found = plugins.kinds(penstock.sandbox, ServiceSettings, "penstock.sandbox")  # type: ignore[type-abstract] # it is only compared with
    return {name: _whole(kind) for name, kind in found.items()}


@cache
def composed() -> type[SandboxSettings]:
    """`SandboxSettings` over all kinds that are installed. Raises `PluginError`."""
    fields: dict[str, Any] = {
        "services": (
            dict[Name, plugins.one_of(list(kinds().values()))],  # type: ignore[misc] # a union made at run time
            SandboxSettings.model_fields["services"],
        )
    }
    return create_model(
        "SandboxSettings",
        __base__=SandboxSettings,
        __module__=__name__,
        __doc__=SandboxSettings.__doc__,
        **fields,
    )


def demonstration() -> dict[str, Any]:
    """A configuration as a file would have it: each kind as the first of its examples shows it."""
    services = {}
    for name, kind in kinds().items():
        extra: Any = kind.model_config.get("json_schema_extra") or {}
        services[name] = {"type": name, **next(iter(extra.get("examples", [])), {})}
    return {"services": services}


def listens(settings: SandboxSettings) -> dict[str, Address]:
    """Where each service is to listen."""
    host, port = settings.listen.host, settings.listen.port
    return {
        name: service.listen or Address(host, port and port + place)
        for place, (name, service) in enumerate(settings.services.items(), 1)
    }


def conflicts(settings: SandboxSettings) -> list[Problem]:
    """What no single part can see: two on one address, faults for services that are not there or have no TLS."""
    problems = []
    taken = {str(settings.listen): "the control"}
    for name, address in listens(settings).items():
        if address.port and str(address) in taken:
            what = f"{address} is taken by {taken[str(address)]}"
            problems.append(Problem(f"services.{name}.listen", what, "give it another port"))
        taken[str(address)] = name
    return [*problems, *misplaced(settings.faults, settings.services)]


def misplaced(faults: tuple[Fault, ...], services: Mapping[str, ServiceConfig]) -> Iterator[Problem]:
    """Faults that could befall nobody."""
    for index, fault in enumerate(faults):
        for name in fault.services:
            if name not in services:
                known = f"there are {', '.join(services)}"
                yield Problem(f"faults.{index}.services", f"there is no service {name!r}", known)
        named = [services[name] for name in fault.services or services if name in services]
        where = f"faults.{index}"
        if isinstance(fault, Tls) and not any(service.tls for service in named):
            yield Problem(where, "could befall nobody", "give the service  tls: true")
        if isinstance(fault, Partial) and fault.services and not any(one.takes_in_part for one in named):
            yield Problem(where, "could befall nobody", "these services take a request as a whole")


def _whole(kind: type[ServiceSettings]) -> type[ServiceConfig]:
    bases: Any = (ServiceConfig, kind)
    model: type[ServiceConfig] = create_model(
        kind.__name__, __base__=bases, __module__=kind.__module__, __doc__=kind.__doc__
    )
    return model
