"""Where an address is, by a local database in MaxMind's format: the one module that calls maxminddb."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field

from penstock.errors import PluginError
from penstock.fields import Model

Find = Callable[[str], Mapping[str, Any]]
REMEMBERED: Final = 10_000
"""Addresses of which the answer is kept."""
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "continent": ("continent", "code"),
    "country": ("country", "iso_code"),
    "country_name": ("country", "names", "en"),
    "region": ("subdivisions", "0", "iso_code"),
    "city": ("city", "names", "en"),
    "postal_code": ("postal", "code"),
    "latitude": ("location", "latitude"),
    "longitude": ("location", "longitude"),
    "time_zone": ("location", "time_zone"),
    "asn": ("autonomous_system_number",),
    "organization": ("autonomous_system_organization",),
}


class GeoipSettings(Model):
    """A database such as GeoLite2-City.mmdb (needs `pip install 'penstock[geoip]'`)."""

    file: Path
    """It is opened again when it has changed; a relative path begins at the configuration's folder."""
    source: Annotated[str, Field(min_length=1, alias="from")] = "client_ip"
    """The field with the address."""
    field: Annotated[str, Field(min_length=1)] = "geo"
    """The object that gets what is known: `country`, `country_name`, `region`, `city`, `postal_code`, `latitude`,
    `longitude`, `time_zone`, `continent`, `asn`, `organization`."""


def open_database(path: Path) -> Find:
    """What is known of an address; nothing of what is none. Raises `OSError`, `ValueError` and `PluginError`."""
    try:
        import maxminddb  # noqa: PLC0415 - an extra
    except ImportError as exc:
        raise PluginError("geoip needs maxminddb: pip install 'penstock[geoip]'") from exc
    try:
        # In memory, as a mapped file that is cut while it is read ends the process.
        reader = maxminddb.open_database(path, maxminddb.MODE_MEMORY)
    except maxminddb.InvalidDatabaseError as exc:
        raise ValueError(f"is no database in MaxMind's format: {exc}") from exc

    @lru_cache(maxsize=REMEMBERED)
    def find(address: str) -> Mapping[str, Any]:
        try:
            record = reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError):
            return {}
        found = {name: _within(record, way) for name, way in _FIELDS.items()}
        return {name: value for name, value in found.items() if value is not None}

    return find


def _within(value: Any, way: tuple[str, ...]) -> Any:
    for name in way:
        if isinstance(value, list):
            value = value[int(name)] if int(name) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(name)
        else:
            return None
    return value
