from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from penstock.transport import FileMode, FileTransport, HttpTransport, TlsSettings


@pytest.mark.parametrize(
    ("value", "mode"), [("0640", 0o640), ("0o600", 0o600), ("644", 0o644), (0o600, 0o600)]
)
def test_a_mode_as_text_is_octal(value: object, mode: int) -> None:
    assert TypeAdapter(FileMode).validate_python(value) == mode


@pytest.mark.parametrize("value", ["rw-r--r--", "0999", "01000", 0o1000, -1])
def test_what_is_no_mode_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(FileMode).validate_python(value)


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (TlsSettings, {"key_file": Path("k")}),
        (TlsSettings, {"min_version": "1.1"}),
        (HttpTransport, {"timeout": 0}),
        (HttpTransport, {"connect_timeout": "0s"}),
        (HttpTransport, {"max_response": 0}),
        (FileTransport, {"keep": -1}),
        (FileTransport, {"compression": "lzma"}),
        (FileTransport, {"compress": "gzip"}),
    ],
)
def test_what_makes_no_sense_is_refused(model: type[Any], values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        model(**values)
