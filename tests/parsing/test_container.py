from typing import Any

import pytest

from penstock.parsing.container import Cri, Docker

AT = "2026-11-25T10:00:00.123456789Z"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('{"log":"ready\\n","stream":"stdout","time":"2026-11-25T10:00:00.123456789Z"}', {"timestamp": AT, "stream": "stdout", "message": "ready"}),
        ('{"log":"ready\\r\\n","stream":"stderr","time":"2026-11-25T10:00:00.123456789Z"}\n', {"timestamp": AT, "stream": "stderr", "message": "ready"}),
        ('{"log":"a cut","stream":"stdout","time":"2026-11-25T10:00:00.123456789Z"}', {"timestamp": AT, "stream": "stdout", "message": "a cut", "partial": True}),
        ('{"log":"\\n","attrs":{"app":"x"},"time":"2026-11-25T11:00:00+01:00"}', {"timestamp": "2026-11-25T10:00:00Z", "message": "", "attrs": {"app": "x"}}),
        ('{"log":"x\\n"}', {"message": "x"}),
    ],
)  # fmt: skip
def test_docker(text: str, fields: dict[str, Any]) -> None:
    assert Docker().parse(text, 0.0) == fields


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text",
        "{}",
        '{"log":1}',
        '{"log":"x","time":"soon"}',
        '{"log":"\\ud800"}',
        '{"log":"\ud800"}',
        '["log"]',
    ],
)
def test_what_docker_does_not_write(text: str) -> None:
    assert Docker().parse(text, 0.0) is None


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (f"{AT} stdout F ready", {"timestamp": AT, "stream": "stdout", "message": "ready"}),
        (
            f"{AT} stderr P a  cut\n",
            {"timestamp": AT, "stream": "stderr", "message": "a  cut", "partial": True},
        ),
        (f"{AT} stdout F", {"timestamp": AT, "stream": "stdout", "message": ""}),
        (f"{AT} stdout F:x:y  two", {"timestamp": AT, "stream": "stdout", "message": " two"}),
        (
            "2026-11-25T11:00:00.5+01:00 stdout F x",
            {"timestamp": "2026-11-25T10:00:00.5Z", "stream": "stdout", "message": "x"},
        ),
    ],
)
def test_cri(text: str, fields: dict[str, Any]) -> None:
    assert Cri().parse(text, 0.0) == fields


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text",
        f"{AT} stdin F x",
        f"{AT} stdout X x",
        f"{AT} stdout Fx",
        "2026-13-25T10:00:00.5Z stdout F x",
    ],
)
def test_what_cri_does_not_say(text: str) -> None:
    assert Cri().parse(text, 0.0) is None
