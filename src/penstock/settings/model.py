"""The shape of the configuration, composed from the models that live beside their code.

The kinds of source and destination are found when the daemon starts, so the unions over them are made at run time
(`composed`). Code is written against the static `Settings`, whose fields name what all kinds have in common.
"""

import socket
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import Field, PrivateAttr, StringConstraints, create_model

import penstock.destinations
import penstock.processors
import penstock.sources
from penstock import plugins
from penstock.admin.settings import AdminSettings
from penstock.delivery.settings import DeliverySettings
from penstock.destinations.base import DestinationSettings
from penstock.fields import Duration, Model, Size
from penstock.journal.base import JournalSettings
from penstock.log import Format, Level
from penstock.processors.base import ProcessorSettings
from penstock.settings.cases import Case
from penstock.sources.base import SourceSettings

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,64}$")]
"""Of a source or a destination: it labels metrics and names files."""


class LogSettings(Model):
    """How the daemon speaks of itself, on standard error."""

    level: Level = "info"
    """The least important level that is told."""
    format: Format = "auto"
    """`auto`: coloured on a terminal, JSON lines elsewhere. `journald`: JSON lines with the prefix it reads the
    level from."""


class _Head(Model):
    # Stands last among the bases, so that these two come first wherever fields are listed.
    type: str
    """The kind of destination."""
    enabled: bool = True


class DestinationConfig(DeliverySettings, DestinationSettings, _Head):
    """A destination's whole part of the configuration: the kind's own fields and those of delivery."""


class Settings(Model):
    """The whole configuration."""

    host: str = Field(default_factory=socket.gethostname, min_length=1)
    """This machine's name, where it is not to be the system's own."""
    sources: Mapping[Name, SourceSettings] = Field(min_length=1)
    """Where log lines come in, by a name of your choice."""
    processors: Sequence[ProcessorSettings] = ()
    """What all events go through, in order, before they are written down: what is left out here is nowhere. See
    [processors](processors.md)."""
    journal: JournalSettings = JournalSettings()
    destinations: Mapping[Name, DestinationConfig] = Field(min_length=1)
    """Where they go, by a name of your choice. A queue belongs to the name: it stays when the settings change."""
    memory: Size = Field(default=0, ge=0)
    """Bytes of events that all destinations together may hold outside the journal: under way, or waiting for their
    next attempt. 0: half of the control group's limit, 256 MiB at most. Half as much is what sources may hold of
    lines and bodies that are not whole yet, 64 MiB each at most."""
    drain_timeout: Duration = 20.0
    """How long a stop waits for what can still be delivered; the rest stays in the journal."""
    admin: AdminSettings = AdminSettings()
    log: LogSettings = LogSettings()
    tests: Sequence[Case] = ()
    """What `penstock test` tries; the daemon does not read it."""
    _folder: Path = PrivateAttr(default_factory=Path)

    @property
    def folder(self) -> Path:
        """Where the file was read; relative paths to other files begin there."""
        return self._folder

    def found_in(self, folder: Path) -> None:
        """Tells it where it was read."""
        self._folder = folder


@cache
def composed() -> type[Settings]:
    """`Settings` over all kinds that are installed. Raises `PluginError`."""
    return compose(
        plugins.kinds(penstock.sources, SourceSettings, "penstock.sources"),  # type: ignore[type-abstract] # it is only compared with
        plugins.kinds(penstock.destinations, DestinationSettings, "penstock.destinations"),  # type: ignore[type-abstract] # the same
        plugins.kinds(penstock.processors, ProcessorSettings, "penstock.processors"),  # type: ignore[type-abstract] # the same
    )


def compose(
    sources: Mapping[str, type[SourceSettings]],
    destinations: Mapping[str, type[DestinationSettings]],
    processors: Mapping[str, type[ProcessorSettings]] = MappingProxyType({}),
) -> type[Settings]:
    """`Settings` over these kinds, by their `type`."""
    chain: Any = tuple[plugins.one_of([*processors.values()] or [ProcessorSettings]), ...]  # type: ignore[misc] # a union made at run time
    whole = [_whole(kind, chain) for kind in destinations.values()]
    fields: dict[str, Any] = {
        "sources": (dict[Name, plugins.one_of(list(sources.values()))], Settings.model_fields["sources"]),  # type: ignore[misc] # the same
        "processors": (chain, Settings.model_fields["processors"]),
        "tests": (tuple[_case(chain), ...], Settings.model_fields["tests"]),  # type: ignore[misc] # the same
        "destinations": (dict[Name, plugins.one_of(whole)], Settings.model_fields["destinations"]),  # type: ignore[misc] # the same
    }
    return create_model(
        "Settings", __base__=Settings, __module__=__name__, __doc__=Settings.__doc__, **fields
    )


def _case(chain: Any) -> type[Case]:
    fields: dict[str, Any] = {"processors": (chain, Case.model_fields["processors"])}
    return create_model("Case", __base__=Case, __module__=__name__, __doc__=Case.__doc__, **fields)


def _whole(kind: type[DestinationSettings], chain: Any) -> type[DestinationConfig]:
    head = kind.model_fields["type"]
    bases: Any = (DestinationConfig, kind)
    fields: dict[str, Any] = {
        "type": (head.annotation, head),
        "processors": (chain, DeliverySettings.model_fields["processors"]),
    }
    model: type[DestinationConfig] = create_model(
        kind.__name__, __base__=bases, __module__=kind.__module__, __doc__=kind.__doc__, **fields
    )
    return model
