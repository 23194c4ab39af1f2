from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from penstock.block import Batch, Block
from penstock.destinations.base import Blocked, Delivered, Retry
from penstock.destinations.file import File, FileSettings
from penstock.exchange import Append, Failure, FailureKind, Response
from penstock.transport import FileTransport

CUT_AT = 1_795_521_599.9  # 2026-11-24T11:59:59.9Z

# The first text that hypothesis draws on a machine costs seconds: it reads all of Unicode.
patient = settings(suppress_health_check=[HealthCheck.too_slow])

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
events = st.lists(
    st.fixed_dictionaries({}, optional={"timestamp": json, "level": json, "message": json, "x": json}),
    min_size=1,
    max_size=10,
)


def batch_of(*events: dict[str, Any]) -> Batch:
    data = b"".join([msgspec.json.encode(event) + b"\n" for event in events])
    return Batch((Block(data, len(events), "s", 1.0, 0, "n"),), CUT_AT)


def build(**settings: object) -> File:
    file = FileSettings.model_validate({"type": "file", "path": "/tmp/log", **settings}).build("d")
    assert isinstance(file, File)
    return file


def test_ndjson_goes_out_as_it_came_without_a_copy() -> None:
    batch = batch_of({"n": 1}, {"n": 2})
    request = build().encode(batch)
    assert request == Append("/tmp/log", batch.data)
    assert request.data is batch.pieces[0].data


@patient
@given(events)
def test_text_is_one_line_an_event_that_steers_no_terminal(events: list[dict[str, Any]]) -> None:
    text = build(format="text").encode(batch_of(*events)).data.decode()
    assert text.endswith("\n")
    lines = text[:-1].split("\n")
    assert len(lines) == len(events)
    assert text.splitlines() == lines, "no other line end of Unicode"
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for line in lines for character in line)


def test_lines_for_splunk() -> None:
    batch = batch_of(
        {"timestamp": "2026-01-02T03:04:05Z", "level": "info", "message": "m", "context": {"a": 'b"'}}
    )
    assert build(format="splunk").encode(batch).data == b'2026-01-02T03:04:05Z level="info" m a="b\\""\n'


@patient
@given(events)
def test_the_same_batch_gives_the_same_bytes(events: list[dict[str, Any]]) -> None:
    file = build(format="text", path="/x/%Y")
    assert file.encode(batch_of(*events)) == file.encode(batch_of(*events))


def test_the_path_follows_the_time_when_the_batch_was_cut() -> None:
    request = build(path="/logs/%Y/%m-%d/app-%H%M-%j-100%%.log").encode(batch_of({"n": 1}))
    assert request.target == "/logs/2026/11-24/app-1159-328-100%.log"


@pytest.mark.parametrize("path", ["", "/logs/", "/x/%q.log", "/x/%", "/x/%s", "/x\0y"])
def test_a_path_that_cannot_be_is_refused(path: str) -> None:
    with pytest.raises(ValidationError):
        build(path=path)


def test_the_settings_of_the_wire_are_handed_on() -> None:
    wanted = build(
        max_size="1MiB", max_age="1d", keep=3, compression="zstd", sync="batch", mode="0600"
    ).transport
    assert isinstance(wanted, FileTransport)
    assert (wanted.max_size, wanted.max_age, wanted.keep) == (2**20, 86400, 3)
    assert (wanted.compression, wanted.sync, wanted.mode) == ("zstd", "batch", 0o600)


def test_what_the_answers_mean(tmp_path: Path) -> None:
    file, batch = build(), batch_of({"n": 1})
    assert file.judge(batch, Response(200)) == Delivered()
    full = Failure(FailureKind.IO, "/tmp/log: No space left on device")
    assert file.judge(batch, full) == Retry("/tmp/log: No space left on device")
    shut = Failure(FailureKind.DENIED, "/tmp/log: Permission denied")
    assert file.judge(batch, shut) == Blocked("/tmp/log: Permission denied")
    for kind in FailureKind:
        assert isinstance(file.judge(batch, Failure(kind, "x")), Retry | Blocked)
