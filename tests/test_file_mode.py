"""Permissions: octal, however they are written."""

import pytest
from pydantic import TypeAdapter, ValidationError

from penstock.file_mode import FileMode


@pytest.mark.parametrize(
    ("value", "mode"), [("0640", 0o640), ("0o600", 0o600), ("644", 0o644), (0o600, 0o600)]
)
def test_a_mode_as_text_is_octal(value: object, mode: int) -> None:
    assert TypeAdapter(FileMode).validate_python(value) == mode


def test_a_mode_is_shown_as_it_is_written() -> None:
    adapter = TypeAdapter(FileMode)
    assert [adapter.dump_python(mode, mode="json") for mode in (0o640, 0o7, 0)] == ["0640", "07", "00"]


@pytest.mark.parametrize("value", ["rw-r--r--", "0999", "01000", 0o1000, -1])
def test_what_is_no_mode_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(FileMode).validate_python(value)


def test_a_mode_that_yaml_took_for_decimal_says_how_to_write_it() -> None:
    with pytest.raises(ValidationError, match="in octal with a zero in front"):
        TypeAdapter(FileMode).validate_python(666)
