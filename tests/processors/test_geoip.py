from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.processors.geoip import open_database

BERLIN = {
    "country": {"iso_code": "DE", "names": {"en": "Germany", "de": "Deutschland"}},
    "city": {"names": {"en": "Berlin"}},
    "location": {"latitude": 52.5, "longitude": 13.4, "time_zone": "Europe/Berlin"},
    "subdivisions": [{"iso_code": "BE"}],
}


@pytest.fixture
def database(tmp_path: Path, write_mmdb: Callable[..., None]) -> Path:
    path = tmp_path / "geo.mmdb"
    write_mmdb(path, {"192.0.2.0/25": BERLIN, "198.51.100.7/32": {"autonomous_system_number": 64500}})
    return path


def test_says_what_is_known_of_an_address(database: Path) -> None:
    find = open_database(database)
    assert find("192.0.2.9") == {
        "country": "DE", "country_name": "Germany", "region": "BE", "city": "Berlin", "latitude": 52.5, "longitude": 13.4,
        "time_zone": "Europe/Berlin",
    }  # fmt: skip
    assert find("198.51.100.7") == {"asn": 64500}


@pytest.mark.parametrize("address", ["192.0.2.200", "10.0.0.1", "::1", "no address", "", "1.2.3"])
def test_of_others_nothing(database: Path, address: str) -> None:
    assert open_database(database)(address) == {}


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.mmdb").write_bytes(b"no database")
    with pytest.raises(ValueError, match="is no database"):
        open_database(tmp_path / "x.mmdb")


def test_a_file_that_is_written_over_in_place_changes_nothing(database: Path) -> None:
    find = open_database(database)
    database.write_bytes(b"")  # as `cp` does it; a mapped file would end the process here
    assert find("192.0.2.9")["city"] == "Berlin"
