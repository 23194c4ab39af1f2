"""Many at once are what each is by itself, whatever stands beside it."""

import json
import random
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from penstock.syslog.columns import Columns
from penstock.syslog.message import parse
from penstock.syslog.stamps import Calendar

RECEIVED = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp() + 0.25
NOW = "2026-11-25T12:00:00.250Z"
BERLIN = ZoneInfo("Europe/Berlin")
PIECES = (
    "<13>", "<191>", "<192>", "<013>", "<", ">", "1 ", "2 ", "-", " ", "  ", "- ", "\t", "\r", "\0", "\v", "\x85", "\u2028",
    "2026-10-11T22:14:15.003Z", "2026-10-11T22:14:15+02:00", "2026-02-29T00:00:00Z", "2024-02-29T00:00:00Z",
    "2026-10-11 22:14:15", "Oct 11 22:14:15", "Oct  1 22:14:15.5", "Feb 30 22:14:15", "Feb 29 22:14:15", "Oct 00 22:14:15",
    "Oct 11 25:14:15", "Oct 11 22:14:15 ", " Dec 31 23:59:59 ", " 2018 ", "UTC ", " CEST: %", "+0200 ", "Z:",
    "box ", "host.example ", "::1 ", "hôte ", "app: ", "app[12]: ", "app[12]", "app:", "%SYS-5-X: ", "29: ", "*", ".", "last message ",
    "[a]", '[a b="c"]', '[a b="]\\""][c]', "[a b=c]", "[", "]", '"', "\\", "=", "\N{ZERO WIDTH NO-BREAK SPACE}", "é", "😀", "\x1f", "{}",
    "su root", "ID47 ", "4711 ",
)  # fmt: skip
SHAPES = (
    "<134>1 2026-10-11T22:14:15.003Z box app 12 ID47 - text",
    '<134>1 - box app 12 ID47 [a b="c"][a b="\\]"] text',
    "<13>Oct 11 22:14:15 box app[12]: text",
    "<13>Oct 11 22:14:15 app: text",
    "<13>2026-10-11T22:14:15+02:00 box app: text",
    "<13>text",
)


def wanted(line: str, calendar: Calendar) -> dict[str, Any] | None:
    fields = parse(line, RECEIVED, calendar)
    if fields is not None:
        return {"timestamp": NOW} | fields
    text = line.rstrip("\r\n\0").removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    return {"timestamp": NOW, "unparsed": "syslog", "message": text} if text.strip(" \t\r\n\0") else None


def check(lines: list[str], columns: Columns) -> None:
    calendar = Calendar(BERLIN)
    data, count, unknown = columns.events("".join([f"{line}\n" for line in lines]), RECEIVED)
    events = [event for event in (wanted(line, calendar) for line in lines) if event is not None]
    assert [json.loads(line) for line in data.splitlines()] == events, lines
    assert count == len(events) == data.count(b"\n")
    texts = [line for line in lines if parse(line, RECEIVED, calendar) is None]
    assert unknown == sum(wanted(line, calendar) is not None for line in texts)


def test_the_usual_shapes_need_no_parser_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("penstock.syslog.columns.parse", None)
    columns = Columns(Calendar(BERLIN), str)
    text = "".join([f"{shape}\n" for shape in SHAPES[:-1]])
    assert columns.events(text, RECEIVED)[1:] == (5, 0)


@pytest.mark.parametrize("first", SHAPES)
def test_shapes_beside_each_other(first: str) -> None:
    check([first, *SHAPES, "no syslog", "", "  ", first], Columns(Calendar(BERLIN), str))


def test_nothing_gives_nothing() -> None:
    assert Columns(Calendar(), str).events("", 0.0) == (b"", 0, 0)
    assert Columns(Calendar(), str).events("\n\r\n \0\n", 0.0) == (b"", 0, 0)


@pytest.mark.parametrize(
    ("line", "members"),
    [
        ("<13>1 - - - - - - x", {}),
        ("<13>1 2026-10-11T22:14:15Z a - - - - x", {"timestamp": "2026-10-11T22:14:15Z", "host": "a"}),
        ("<13>Oct 11 22:14:15 x: x", {"timestamp": "2026-10-11T20:14:15Z", "service": "x"}),
    ],
)
def test_an_event(line: str, members: dict[str, str]) -> None:
    data, _, _ = Columns(Calendar(BERLIN), str).events(f"{line}\n", RECEIVED)
    notice = {"level": "notice", "facility": "user", "severity": "notice"}
    event = {"timestamp": NOW, **notice, **members, "message": "x"}
    assert json.loads(data) == event
    assert list(json.loads(data)) == list(event)


def hostile(rng: random.Random) -> str:
    if rng.random() < 0.5:
        shape = rng.choice(SHAPES)
        at = rng.randrange(len(shape) + 1)
        return shape[:at] + rng.choice(PIECES) + shape[at + rng.randrange(3) :]
    return "".join(rng.choices(PIECES, k=rng.randrange(9)))


def test_hostile_lines_are_what_they_are_alone() -> None:
    columns = Columns(Calendar(BERLIN), str)
    rng = random.Random(1)
    for _ in range(2_000):
        check([hostile(rng) for _ in range(rng.randrange(8))], columns)


@pytest.mark.integration
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(4))
def test_a_great_many_hostile_lines(seed: int) -> None:
    columns = Columns(Calendar(BERLIN), str)
    rng = random.Random(1000 + seed)
    for _ in range(50_000):
        check([hostile(rng) for _ in range(rng.randrange(8))], columns)


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=30)
        | st.lists(st.sampled_from(PIECES), max_size=10).map("".join)
        | st.builds(
            lambda shape, end: shape + end, st.sampled_from(SHAPES), st.text(st.sampled_from('"\\\0\r é\x1f'))
        ),
        max_size=6,
    )
)
@example(["<13>1 - - - - - - \0\r\0"])
@example(["<13>Oct 11 22:14:15 last message:"])
@example(["<13>Oct 11 22:14:15 a: b: c", "<13>Oct 11 22:14:15 2018 a: b"])
def test_any_lines(lines: list[str]) -> None:
    check(lines, Columns(Calendar(BERLIN), str))


def test_many_headers_are_not_remembered_for_ever() -> None:
    columns = Columns(Calendar(), str)
    for start in range(0, 20_000, 1_000):
        text = "".join(
            [
                f"<13>1 - host-{n} - - - - x\n<13>Oct 11 22:14:15 h a[{n}]: x\n"
                for n in range(start, start + 1_000)
            ]
        )
        assert columns.events(text, RECEIVED)[1] == 2_000
    assert all(len(one.known) <= 4096 for one in columns._passes)


def test_a_long_header_is_not_remembered() -> None:
    columns = Columns(Calendar(), str)
    columns.events(f"<13>1 - {'h' * 100_000} - - - - x\n", RECEIVED)
    assert not columns._passes[0].known


@pytest.mark.timeout(10)
@pytest.mark.parametrize("shape", ["<13>1 - a b c d [", "<13>Oct 11 22:14:15 a", "<13>1 - a"])
@pytest.mark.parametrize("more", ["[", "]", '"', '\\"', "a:", "a ", " ", "-", '[a b="c"]'])
def test_a_hostile_line_of_any_length_is_read_in_one_go(shape: str, more: str) -> None:
    Columns(Calendar(), str).events(shape + more * (500_000 // len(more)) + "\n", RECEIVED)
