"""The configuration: its shape, how it is read, and what it tells about itself."""

from penstock.settings.loading import load, located
from penstock.settings.model import DestinationConfig, LogSettings, Settings, compose, composed
from penstock.settings.schema import masked, schema, without_secrets

__all__ = [
    "DestinationConfig",
    "LogSettings",
    "Settings",
    "compose",
    "composed",
    "load",
    "located",
    "masked",
    "schema",
    "without_secrets",
]
