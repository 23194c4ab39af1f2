"""The environment and files of secrets, nested as in the file."""

from pathlib import Path

import pytest

from penstock.settings import Settings
from penstock.settings.variables import origin, parse, secrets, variables


def test_only_ours_are_taken_in_either_case() -> None:
    found = variables(
        {"PENSTOCK__HOST": "a", "penstock__log__level": "info", "PENSTOCK_CONFIG": "x", "PATH": "y"}
    )
    assert {name: variable.value for name, variable in found.items()} == {
        "penstock__host": "a",
        "penstock__log__level": "info",
    }


def test_groups_and_lists_may_be_json(model: type[Settings]) -> None:
    found = variables(
        {
            "PENSTOCK__DESTINATIONS__HOOK": '{"type": "webhook", "url": "http://x"}',
            "PENSTOCK__DESTINATIONS__HOOK__URL": "http://y",
            "PENSTOCK__DESTINATIONS__HOOK__TAGS": '["a", "b"]',
            "PENSTOCK__ADMIN__LISTEN": "127.0.0.1:1",
        }
    )
    data, problems = parse(model, found)
    assert problems == []
    assert data == {
        "destinations": {"hook": {"type": "webhook", "url": "http://y", "tags": ["a", "b"]}},
        "admin": {"listen": "127.0.0.1:1"},
    }


def test_what_is_no_json_is_left_to_validation(model: type[Settings]) -> None:
    data, problems = parse(model, variables({"PENSTOCK__JOURNAL": "{oops", "PENSTOCK__ADMIN": "x"}))
    assert (data, problems) == ({"journal": "{oops", "admin": "x"}, [])
    deep = "[" * 100_000
    assert parse(model, variables({"PENSTOCK__JOURNAL": deep})) == ({"journal": deep}, [])


def test_the_nearest_name_is_the_origin() -> None:
    found = variables({"PENSTOCK__A": "1", "PENSTOCK__A__B__C": "2"})
    assert origin(found, ("a", "b", "c", "d")) == "environment variable PENSTOCK__A__B__C"
    assert origin(found, ("a", "x")) == "environment variable PENSTOCK__A"
    assert origin(found, ("b",)) == ""


def test_a_secret_that_cannot_be_read_is_told_without_its_content(tmp_path: Path) -> None:
    (tmp_path / "penstock__admin__token").write_bytes(b"\xffhunter2")
    found, problems = secrets([tmp_path, tmp_path / "nowhere"])
    assert found == {}
    (problem,) = problems
    assert problem.path == "admin.token"
    assert problem.what.endswith("which cannot be read: it is not UTF-8 text")


@pytest.mark.parametrize("name", ["penstock__admin__token", "PENSTOCK__ADMIN__TOKEN"])
def test_a_last_newline_is_no_part_of_a_secret(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(" a b \r\n")
    assert secrets([tmp_path])[0]["penstock__admin__token"].value == " a b "
