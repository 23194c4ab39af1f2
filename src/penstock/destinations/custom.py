"""A destination of your own, by the dotted path of its class: no package, no entry point."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ConfigDict, Field

from penstock.destinations.base import Destination, DestinationSettings
from penstock.errors import PluginError
from penstock.plugins import load

NEEDED = ("limits", "transport", "secrets", "encode", "judge")


class CustomSettings(DestinationSettings):
    """Speaks through a class of yours. `docs/how-to/write-a-destination.md` has one to begin with."""

    model_config = ConfigDict(
        populate_by_name=True,
        json_schema_extra={
            "examples": [
                {"type": "custom", "class": "loki:Loki", "options": {"url": "http://127.0.0.1:3100"}},
            ]
        },
    )

    type: Literal["custom"]
    class_: str = Field(alias="class", pattern=r"^[\w.]+:[\w.]+$")
    """`package.module:Class`, importable by the daemon. It is called as `Class(name, **options)`."""
    options: Mapping[str, Any] = Field(default_factory=dict)
    """What the class takes as keyword arguments."""

    def build(self, name: str) -> Destination:
        """An instance of the class. Raises `PluginError` where it cannot be loaded, made, or used."""
        make = load(self.class_)
        if not callable(make):
            raise PluginError(f"{self.class_!r} is not a class")
        try:
            made = make(name, **self.options)
        except Exception as exc:  # it is foreign code and may raise anything
            raise PluginError(f"{self.class_!r} cannot be made with these options: {exc!r}") from exc
        missing = [member for member in NEEDED if not hasattr(made, member)]
        if missing:
            raise PluginError(f"{self.class_!r} is no destination: it lacks {', '.join(missing)}")
        destination: Destination = made
        return destination
