"""Every kind of destination there is, found by itself, keeps what `destinations/base.py` promises.

A kind takes part by the examples in its JSON Schema. In them `hunter2…` stands for a secret.
"""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import penstock.destinations
from penstock import plugins
from penstock.block import Batch, Block
from penstock.destinations.base import (
    Delivered,
    Destination,
    DestinationSettings,
    Limits,
    Partial,
    Refused,
    Retry,
    Unfit,
    Verdict,
)
from penstock.exchange import Answer, Failure, FailureKind, Request, Response
from penstock.testing.contract import batch_of, check_encode, check_judge, check_secrets, sample_batches
from penstock.transport import HttpTransport, Transport

EXAMPLES = Path(__file__).parents[2] / "docs/examples"

KINDS = plugins.kinds(penstock.destinations, DestinationSettings, "penstock.destinations")  # type: ignore[type-abstract] # it is only compared with


def examples(kind: type[DestinationSettings]) -> list[dict[str, Any]]:
    found = kind.model_json_schema().get("examples", [])
    assert found, f"{kind.__name__} has no example: put one under json_schema_extra in its model_config"
    return list(found)


CASES = [pytest.param(name, example, id=f"{name}-{number}")
         for name, kind in KINDS.items() for number, example in enumerate(examples(kind), 1)]  # fmt: skip


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, dict[str, Any]], Destination]:
    monkeypatch.syspath_prepend(str(EXAMPLES))  # `type: custom` loads the worked example of the docs
    return lambda name, example: KINDS[name].model_validate(example).build(name)


def test_all_kinds_are_found() -> None:
    assert {"webhook", "file", "console", "custom"} <= set(KINDS)


@pytest.mark.parametrize(("kind", "example"), CASES)
def test_encodes_any_batch(kind: str, example: dict[str, Any], build: Callable[..., Destination]) -> None:
    destination = build(kind, example)
    for batch in sample_batches():
        check_encode(destination, batch)


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(scalars | st.text(max_size=20), lambda inner: st.lists(inner, max_size=3), max_leaves=6)
names = st.sampled_from(["timestamp", "level", "message", "host", "service"]) | st.text(max_size=6)
events = st.dictionaries(names, values, max_size=5)


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    pieces: list[Block] = []
    seq = draw(st.integers(0, 2**62))
    for group in draw(st.lists(st.lists(events, min_size=1, max_size=6), min_size=1, max_size=4)):
        lines = [
            json.dumps(event, ensure_ascii=draw(st.booleans())).encode("utf-8", "replace") for event in group
        ]
        data = b"".join(line + b"\n" for line in lines)
        pieces.append(Block(data, len(lines), "s", draw(st.floats(0, 4e9)), seq, "node"))
        seq += len(lines) + draw(st.integers(0, 3))
    return Batch(tuple(pieces), draw(st.floats(0, 4e9)))


@pytest.mark.parametrize(("kind", "example"), CASES)
@settings(max_examples=40)
@given(batch=batches())
def test_encodes_whatever_comes(kind: str, example: dict[str, Any], batch: Batch) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXAMPLES))
        check_encode(KINDS[kind].model_validate(example).build(kind), batch)


@pytest.mark.parametrize(("kind", "example"), CASES)
def test_judges_any_answer(kind: str, example: dict[str, Any], build: Callable[..., Destination]) -> None:
    destination = build(kind, example)
    for batch in sample_batches():
        check_judge(destination, batch)


@pytest.mark.parametrize(("kind", "example"), CASES)
@settings(max_examples=60)
@given(
    status=st.integers(0, 999),
    headers=st.dictionaries(st.sampled_from(["retry-after", "date", "content-type", "location"]), st.text()),
    body=st.binary() | values.map(lambda value: json.dumps(value).encode("utf-8", "replace")),
)
def test_judges_whatever_comes(
    kind: str, example: dict[str, Any], status: int, headers: dict[str, str], body: bytes
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXAMPLES))
        destination = KINDS[kind].model_validate(example).build(kind)
        check_judge(destination, batch_of([{}, {}]), [Response(status, headers, body, received=1e9)])


def secrets_in(value: object) -> set[str]:
    match value:
        case dict():
            return {secret for inner in value.values() for secret in secrets_in(inner)}
        case list():
            return {secret for inner in value for secret in secrets_in(inner)}
        case str() if value.startswith(("hunter2", "whsec_")):
            return {value.removeprefix("whsec_")}
        case _:
            return set()


@pytest.mark.parametrize(("kind", "example"), CASES)
def test_shows_no_secret(kind: str, example: dict[str, Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXAMPLES))
        settings = KINDS[kind].model_validate(example)
        if kind != "custom":  # what its options mean only its class knows
            check_secrets(
                settings.build(kind), secrets_in(example), settings, settings.model_dump(mode="json")
            )


class Broken:
    """A destination whose every part can be broken, to see that the checks see it."""

    def __init__(self) -> None:
        self.limits = Limits()
        self.transport: Transport = HttpTransport()
        self.secrets: frozenset[str] = frozenset({"hunter2"})
        self.calls = 0
        self.body: Callable[[Batch, int], bytes] = lambda batch, _: batch.data
        self.unfit: dict[int, str] | None = None
        self.answer: Callable[[Answer], Any] = lambda a: (
            Delivered() if isinstance(a, Response) and 200 <= a.status < 300 else Retry("later")
        )

    def encode(self, batch: Batch) -> Request | Unfit:
        self.calls += 1
        if self.unfit is not None:
            return Unfit(self.unfit)
        return Request("POST", "http://127.0.0.1:1/", body=self.body(batch, self.calls))

    def judge(self, batch: Batch, answer: Answer) -> Verdict:
        verdict: Verdict = self.answer(answer)
        return verdict


BATCH = batch_of([{"n": 1}, {"n": 2}])


def test_the_checks_pass_a_good_destination() -> None:
    check_encode(Broken(), BATCH)
    check_judge(Broken(), BATCH)
    check_secrets(Broken(), ["hunter2"])


@pytest.mark.parametrize(
    ("change", "promise"),
    [
        ({"body": lambda batch, calls: batch.data + b"%d" % calls}, "same batch gives the same body"),
        ({"body": lambda batch, calls: batch.data + b"!"}, "no larger than"),
        ({"unfit": {}}, "at least one"),
        ({"unfit": {7: "no"}}, "that the batch has"),
        ({"unfit": {0: ""}}, "a reason for each"),
    ],
)
def test_the_checks_see_a_broken_encode(change: dict[str, Any], promise: str) -> None:
    broken = Broken()
    vars(broken).update(change)
    with pytest.raises(AssertionError, match=promise):
        check_encode(broken, BATCH)


@pytest.mark.parametrize(
    ("verdict", "promise"),
    [
        (None, "no verdict"),
        (Delivered(), "no answer delivers nothing|is no yes"),
        (Retry("later", -1.0), "waits -1"),
        (Retry("later", float("inf")), "waits inf"),
        (Retry(""), "says no reason"),
        (Partial([2], {}), "does not have"),
        (Partial([0], {0: "no"}), "judged twice"),
        (Partial([], {0: ""}), "without a reason"),
        (Partial([], {0: "no"}, again=[0]), "judged twice"),
        (Partial([], {}, again=[2]), "does not have"),
        (Refused(""), "says no reason"),
    ],
)
def test_the_checks_see_a_broken_judge(verdict: object, promise: str) -> None:
    broken = Broken()
    broken.answer = lambda _: verdict
    with pytest.raises(AssertionError, match=promise):
        check_judge(broken, BATCH)


def test_the_checks_see_a_yes_where_there_was_no_answer() -> None:
    broken = Broken()
    broken.answer = lambda _: Delivered()
    with pytest.raises(AssertionError, match="delivers nothing"):
        check_judge(broken, BATCH, [Failure(FailureKind.TIMEOUT, "no answer")])


def test_the_checks_see_a_secret() -> None:
    broken = Broken()
    with pytest.raises(AssertionError, match="is in `secrets`"):
        check_secrets(broken, ["another"])
    broken.answer = lambda _: Retry("the token hunter2 is wrong")
    with pytest.raises(AssertionError, match="shows in repr of Retry"):
        check_secrets(broken, ["hunter2"])


def test_secrets_are_named_in_the_form_in_which_they_are_sent() -> None:
    example = {
        "type": "webhook",
        "url": "http://h/",
        "auth": {"basic": {"username": "u", "password": "hunter2"}},
    }
    sent = base64.b64encode(b"u:hunter2").decode()
    assert {"hunter2", sent} <= KINDS["webhook"].model_validate(example).build("w").secrets
