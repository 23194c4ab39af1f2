from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from penstock.transport import FileTransport, HttpTransport, TlsSettings


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
