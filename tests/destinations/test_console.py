import sys
from io import StringIO
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penstock.block import Batch, Block
from penstock.destinations.base import Delivered, Destination, Retry
from penstock.destinations.console import ConsoleSettings
from penstock.exchange import Append, Failure, FailureKind, Response

# The first text that hypothesis draws on a machine costs seconds: it reads all of Unicode.
patient = settings(suppress_health_check=[HealthCheck.too_slow])

values = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
events = st.lists(
    st.fixed_dictionaries(
        {}, optional={"timestamp": values, "level": values, "message": values, "x": values}
    ),
    min_size=1,
    max_size=10,
)


def build(**settings: object) -> Destination:
    return ConsoleSettings.model_validate({"type": "console", **settings}).build("d")


def batch_of(*events: dict[str, Any]) -> Batch:
    data = b"".join([msgspec.json.encode(event) + b"\n" for event in events])
    return Batch((Block(data, len(events), "s", 1.0, 0, "n"),), 1.0)


def text_of(destination: Destination, batch: Batch) -> str:
    request = destination.encode(batch)
    assert isinstance(request, Append)
    assert request.target == "-"
    return request.data.decode()


def test_ndjson_goes_out_as_it_came() -> None:
    batch = batch_of({"n": 1}, {"n": 2})
    assert text_of(build(), batch) == batch.data.decode()
    assert text_of(build(color="always"), batch) == batch.data.decode()


@patient
@given(events, st.sampled_from(["always", "never"]))
def test_pretty_is_one_line_an_event(events: list[dict[str, Any]], color: str) -> None:
    text = text_of(build(format="pretty", color=color), batch_of(*events))
    assert len(text.splitlines()) == len(events)
    assert ("\x1b" in text) == (color == "always")


@pytest.mark.parametrize("terminal", [True, False])
def test_colours_come_by_themselves_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    out = StringIO()
    monkeypatch.setattr(out, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stdout", out)
    assert ("\x1b" in text_of(build(format="pretty"), batch_of({"message": "m"}))) == terminal


def test_what_the_answers_mean() -> None:
    console, batch = build(), batch_of({"n": 1})
    assert console.judge(batch, Response(200)) == Delivered()
    for kind in FailureKind:
        assert console.judge(batch, Failure(kind, "why")) == Retry("why")
