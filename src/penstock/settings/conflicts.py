"""What no single part of the configuration can see: two parts that want the same thing."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from penstock.errors import Problem
from penstock.fields import Address
from penstock.plugins import type_of
from penstock.processors.base import ProcessorSettings
from penstock.processors.measuring import Declared, MeasuringSettings
from penstock.settings.model import Settings

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to


class _Claim(NamedTuple):
    path: str
    protocol: str
    address: Address


def conflicts(settings: Settings) -> list[Problem]:
    """Listeners on one address, sockets and files on one path, standard input read twice, processors out of place."""
    return [
        *_addresses(settings),
        *_paths(settings),
        *_stdin(settings),
        *_misplaced(settings),
        *_measured(settings),
    ]


def _misplaced(settings: Settings) -> Iterator[Problem]:
    for number, processor in enumerate(settings.processors):
        if why := processor.misplaced():
            what = f"cannot stand before the journal: {why}"
            yield Problem(f"processors.{number}", what, "put it into the destinations that it is for")


def _measured(settings: Settings) -> Iterator[Problem]:
    """One metric is of one kind, with the same labels and buckets, in all chains; in one chain it is there once."""
    known: dict[str, tuple[str, Declared]] = {}
    for chain, processors in _chains(settings):
        here: dict[str, str] = {}
        for number, processor in enumerate(processors):
            for declared in processor.declared() if isinstance(processor, MeasuringSettings) else ():
                path, name = f"{chain}.{number}", declared.name
                first, other = known.setdefault(name, (path, declared))
                twin = here.setdefault(name, path)
                if declared != other:
                    what = f"the metric {name} is of another kind, or has other labels or buckets, at {first}"
                    yield Problem(path, what, "make them the same, or give it another name")
                elif twin != path:
                    yield Problem(path, f"the metric {name} is at {twin} already", "give it another name")


def _chains(settings: Settings) -> Iterator[tuple[str, Sequence[ProcessorSettings]]]:
    yield "processors", settings.processors
    for name, destination in settings.destinations.items():
        yield f"destinations.{name}.processors", destination.processors


def _addresses(settings: Settings) -> Iterator[Problem]:
    taken: list[_Claim] = []
    for claim in _claims(settings):
        for other in taken:
            if _collide(claim, other):
                what = f"{claim.protocol} {claim.address} is taken by {other.path}"
                yield Problem(claim.path, what, "give it another port")
                break
        taken.append(claim)


def _claims(settings: Settings) -> Iterator[_Claim]:
    for name, source in settings.sources.items():
        address = getattr(source, "listen", None)
        if isinstance(address, Address):
            kind = getattr(source, "protocol", type_of(type(source)))
            protocol = "udp" if kind == "udp" else "tcp"
            yield _Claim(f"sources.{name}.listen", protocol, address)
    if settings.admin.enabled:
        yield _Claim("admin.listen", "tcp", settings.admin.listen)


def _collide(one: _Claim, other: _Claim) -> bool:
    same = one.address.host == other.address.host or bool(
        {one.address.host, other.address.host} & _EVERYWHERE
    )
    return one.protocol == other.protocol and one.address.port == other.address.port != 0 and same


def _paths(settings: Settings) -> Iterator[Problem]:
    claims = [
        (f"{part}.{name}.path", getattr(item, "path", None))
        for part, items in (("sources", settings.sources), ("destinations", settings.destinations))
        for name, item in items.items()
    ]
    taken: dict[str, str] = {}
    for key, path in [*claims, ("admin.socket", settings.admin.socket)]:
        if isinstance(path, str | Path) and (first := taken.setdefault(str(path), key)) != key:
            yield Problem(key, f"{path} is taken by {first}", "give it another path")


def _stdin(settings: Settings) -> Iterator[Problem]:
    readers = [name for name, source in settings.sources.items() if type_of(type(source)) == "stdin"]
    for name in readers[1:]:
        yield Problem(f"sources.{name}", f"standard input is read by sources.{readers[0]}", "leave one out")
