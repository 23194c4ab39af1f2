from datetime import datetime, timedelta

import pytest

from penstock.parsing.zones import read_zone, zone_named


@pytest.mark.parametrize(
    ("text", "hours"),
    [("Z", 0), ("UTC", 0), ("+02:00", 2), ("+0200", 2), ("-03", -3), ("CEST", 2), ("EST", -5)],
)
def test_zones_behind_a_time(text: str, hours: int) -> None:
    zone = read_zone(text)
    assert zone is not None
    assert zone.utcoffset(datetime(2026, 7, 1)) == timedelta(hours=hours)  # noqa: DTZ001 - the zone is asked
    assert zone_named(text) == zone


@pytest.mark.parametrize("text", ["", "IST", "+25:00", "Europe/Berlin", "+2", "٠٢"])
def test_what_names_none_there(text: str) -> None:
    assert read_zone(text) is None


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/Argentina/Buenos_Aires", "Japan"])
def test_the_configuration_may_name_those_of_the_database(name: str) -> None:
    assert str(zone_named(name)) == name


@pytest.mark.parametrize(
    "name", ["", "Europe", "Europe/Nowhere", "../etc/passwd", "/etc/localtime", "Mars/Olympus"]
)
def test_a_mistake_says_how_to_write_one(name: str) -> None:
    with pytest.raises(ValueError, match="write UTC, an offset such as"):
        zone_named(name)
