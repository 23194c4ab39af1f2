"""Sizes, times, addresses and secrets: what is taken, what is refused, how they are shown."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from penstock.fields import (
    Address,
    FieldName,
    Model,
    Secret,
    parse_duration,
    parse_size,
    parse_url,
    show_duration,
    show_size,
)


class Holder(Model):
    secret: Secret | None = None
    """What nobody may see."""


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (0, 0), (4096, 4096), ("4096", 4096), ("1k", 1000), ("5MB", 5_000_000), ("1.5 KiB", 1536), (" 2 gib ", 2**31),
        ("1t", 10**12),
    ],
)  # fmt: skip
def test_sizes(text: object, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text",
    [
        "",
        "MB",
        "-1",
        "1 parsec",
        "1e6",
        True,
        None,
        1.5,
        -1,
        [],
        "1 2",
        "9" * 400 + "TiB",
        "8388608TiB",
        2**63,
    ],
)
def test_what_is_no_size(text: object) -> None:
    with pytest.raises(ValueError, match=r"size|negative|more than there can be"):
        parse_size(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(1, 1.0), (0.5, 0.5), ("100ms", 0.1), ("1.5s", 1.5), ("10m", 600.0), ("2min", 120.0), ("1 h", 3600.0), ("7d", 604800.0), ("3", 3.0)],
)  # fmt: skip
def test_durations(text: object, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "soon", "-1s", -1, -0.5, float("inf"), float("nan"), True, None, "1 s 2", "9" * 400 + "h"]
)
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match=r"is not a time|finite"):
        parse_duration(text)


@given(st.integers(0, 2**50))
def test_a_size_that_is_shown_can_be_read_again(size: int) -> None:
    assert parse_size(show_size(size)) == size


@given(st.integers(0, 10**9))
def test_a_duration_that_is_shown_can_be_read_again(milliseconds: int) -> None:
    assert parse_duration(show_duration(milliseconds / 1000)) == pytest.approx(milliseconds / 1000, rel=1e-5)


def test_they_are_shown_shortly() -> None:
    assert [show_size(size) for size in (0, 1, 1000, 1024, 5_000_000, 10 * 2**30)] == [
        "0B", "1B", "1kB", "1KiB", "5MB", "10GiB",
    ]  # fmt: skip
    assert [show_duration(seconds) for seconds in (0, 0.1, 1, 90, 3600, 86400)] == [
        "0s", "100ms", "1s", "90s", "1h", "1d",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["127.0.0.1:5170", "[::1]:0", "localhost:65535", "0.0.0.0:1"])
def test_addresses(text: str) -> None:
    assert str(Address.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", ":1", "x", "x:", "x:y", "x:65536", "::1:5170", "[x]:1", 5170, None, "x:-1"]
)
def test_what_is_no_address(text: object) -> None:
    with pytest.raises(ValueError, match="is not an address"):
        Address.parse(text)


def test_loopback() -> None:
    assert [Address.parse(text).is_loopback for text in ("127.9.9.9:1", "[::1]:1", "localhost:1", "10.0.0.1:1")] == [
        True, True, True, False,
    ]  # fmt: skip


def read(value: object, **environ: str) -> str:
    holder = Holder.model_validate({"secret": value}, context={"environ": environ})
    assert holder.secret is not None
    return holder.secret.get_secret_value()


def test_secrets_from_each_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "s").write_text("from file\n")
    monkeypatch.setenv("PROCESS", "from process")
    assert read("text") == "text"
    assert read({"env": "X"}, X="from environment") == "from environment"
    assert read({"file": str(tmp_path / "s")}) == "from file"
    holder = Holder.model_validate({"secret": {"env": "PROCESS"}})
    assert holder.secret is not None
    assert holder.secret.get_secret_value() == "from process"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"env": "NONE"}, "environment variable NONE, which is not set"),
        ({"file": "/nowhere/x"}, "cannot be read: No such file or directory"),
        ({"file": "/"}, "cannot be read: Is a directory"),
        ({"env": "A", "file": "/b"}, "names no place"),
        ({"env": ""}, "names no place"),
        ({"fiel": "hunter2"}, "names no place"),
        ({"env": {"hunter2": 1}}, "names no place"),
        ({}, "names no place"),
        (["hunter2"], "valid string"),
        (17, "valid string"),
    ],
)
def test_a_secret_that_cannot_be_had_is_told_without_itself(value: Any, told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(value)
    assert told in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "told"), [(b"", "which is empty"), (b"\n", "which is empty"), (b"\xff", "not UTF-8")]
)
def test_a_file_that_holds_no_secret(data: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(data)
    with pytest.raises(ValidationError, match=told):
        read({"file": str(tmp_path / "s")})


def test_docstrings_below_fields_are_their_descriptions() -> None:
    assert Holder.model_fields["secret"].description == "What nobody may see."


def test_unknown_keys_are_errors_and_values_stay() -> None:
    with pytest.raises(ValidationError):
        Holder.model_validate({"x": 1})
    with pytest.raises(ValidationError):
        Holder().secret = None


def test_the_file_of_a_secret_is_told_by_its_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValidationError, match=f"the file {tmp_path}/keys/pepper, which cannot be read"):
        Holder.model_validate({"secret": {"file": "keys/pepper"}})


@pytest.mark.parametrize(
    "text", ["http://a b/", "http://a/\r\nX: y", "http://a/\tb", "http://a/\x00", "http://a/\u202e"]
)
def test_a_url_holds_nothing_that_cannot_be_sent(text: str) -> None:
    with pytest.raises(ValueError, match="percent-encoded"):
        parse_url(text)
    assert parse_url(" http://a/b%20c ") == "http://a/b%20c"


@pytest.mark.parametrize("name", ["", "timestamp", "@timestamp", "context.request id", "größe", "a'b"])
def test_a_field_of_an_event(name: str) -> None:
    assert TypeAdapter(FieldName).validate_python(name) == name


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "\x00", "a\n"])
def test_a_name_that_json_would_escape_is_none(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(FieldName).validate_python(name)
