"""Files: each event a line, as NDJSON or as text, with rotation."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, ConfigDict, Field

from penstock.block import Batch
from penstock.destinations.base import (
    Blocked,
    Delivered,
    Destination,
    DestinationSettings,
    Limits,
    Retry,
    Verdict,
)
from penstock.destinations.readable import plain
from penstock.destinations.splunk_text import splunk_text
from penstock.exchange import Answer, Append, Failure, FailureKind, Response
from penstock.transport import FileTransport, Transport

_PATTERNS: Final = "YmdHMj"
_PATTERN: Final = re.compile(r"%(.?)", re.DOTALL)


def check_path(path: str) -> str:
    """The path, where it can be one; `ValueError` says what is wrong with it."""
    for character in _PATTERN.findall(path):
        if character not in _PATTERNS + "%" or not character:
            known = ", ".join(f"%{one}" for one in _PATTERNS)
            raise ValueError(f"has the pattern %{character}: known are {known}, and %% for a percent sign")
    if "\0" in path or path.endswith("/"):
        raise ValueError("is not the path of a file")
    return path


class FileSettings(DestinationSettings, FileTransport):
    """Appends events to a file, with rotation by size and age."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"type": "file", "path": "/var/log/penstock/app.ndjson"},
                {
                    "type": "file",
                    "path": "/var/log/penstock/%Y-%m-%d.log",
                    "format": "text",
                    "compression": "zstd",
                },
            ]
        }
    )

    type: Literal["file"]
    path: Annotated[str, Field(min_length=1), AfterValidator(check_path)]
    """The file. `%Y`, `%m`, `%d`, `%H`, `%M` and `%j` stand for the time (UTC) when the batch was cut.
    Files of earlier times are left alone: `keep` counts the rotated files of one path."""
    format: Literal["ndjson", "text", "splunk"] = "ndjson"
    """`ndjson`: each event as it is. `text`: `<timestamp> <level> <message> key=value …`, one line an event.
    `splunk`: `<timestamp> level="…" <message> key="value" …`, which Splunk takes apart by itself."""

    def build(self, name: str) -> Destination:  # noqa: ARG002 - a file has no use for its name
        return File(self)


class File:
    """Speaks to a file."""

    def __init__(self, settings: FileSettings) -> None:
        self.limits = Limits()
        self.transport: Transport = settings
        self.secrets: frozenset[str] = frozenset()
        self._path = settings.path
        self._write = _WRITERS[settings.format]

    def encode(self, batch: Batch) -> Append:
        return Append(self._target(batch), self._write(batch))

    def judge(self, batch: Batch, answer: Answer) -> Verdict:  # noqa: ARG002 - all of it or nothing
        match answer:
            case Response():
                return Delivered()
            case Failure(kind=FailureKind.DENIED):
                return Blocked(answer.detail)
            case Failure():
                return Retry(answer.detail)

    def _target(self, batch: Batch) -> str:
        if "%" not in self._path:
            return self._path
        return datetime.fromtimestamp(batch.cut_at, UTC).strftime(self._path)


def _as_text(batch: Batch) -> bytes:
    # A lone half of a surrogate pair is escaped by `plain`, so this always encodes.
    return "".join([plain(line) + "\n" for line in batch.lines()]).encode()


_WRITERS: Final[dict[str, Callable[[Batch], bytes]]] = {
    "ndjson": lambda batch: batch.data,
    "text": _as_text,
    "splunk": splunk_text,
}
