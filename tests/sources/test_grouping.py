"""Which lines belong together: by language, and by patterns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.regex import PatternError
from penstock.sources.grouping import Continues, Rule, Starts, Traces
from penstock.sources.joining import Joining
from penstock.sources.traces import LANGUAGES, Name
from tests.sources.trace_examples import PLAIN, TRACES


def one_line(message: bytes) -> bytes:
    return message.replace(b"\n", b"|") + b"\n"


def grouped(rule: Rule, text: str, pieces: int = 0) -> list[str]:
    """The events, their lines joined by a bar; fed whole, or so many lines at a time."""
    joiner = Joining(rule, 1.0, 1000, 2**18).joiner(one_line)
    lines = text.encode().splitlines(keepends=True)
    step = pieces or len(lines) or 1
    blocks = [b"".join(lines[at : at + step]) for at in range(0, len(lines), step)]
    return (b"".join(map(joiner.feed, blocks)) + joiner.flush()).decode().splitlines()


def joined(trace: str) -> str:
    return trace.removesuffix("\n").replace("\n", "|")


EXAMPLES = [(name, trace) for name, traces in TRACES.items() for trace in traces]
ids = [f"{name}-{traces.index(trace)}" for name, traces in TRACES.items() for trace in traces]
examples = pytest.mark.parametrize(("name", "trace"), EXAMPLES, ids=ids)


@examples
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_trace_is_one_event_among_others(name: Name, trace: str, ending: str) -> None:
    plain = PLAIN.splitlines()
    text = (PLAIN + trace + trace + PLAIN).replace("\n", ending)
    expected = [*plain, joined(trace), joined(trace), *plain]
    if name in ("ruby", "go"):  # what goes on is a cause, and another goroutine
        text = (PLAIN + trace + PLAIN).replace("\n", ending)
        expected = [*plain, joined(trace), *plain]
    assert [event.rstrip("\r") for event in grouped(Traces([name]), text)] == expected


@examples
@pytest.mark.parametrize("languages", ["own", "all"])
@pytest.mark.parametrize("line_before", [False, True])
def test_where_blocks_end_makes_no_difference(
    name: Name, trace: str, languages: str, line_before: bool
) -> None:
    rule = Traces([name] if languages == "own" else LANGUAGES, line_before=line_before)
    text = PLAIN + trace + PLAIN
    whole = grouped(rule, text)
    for pieces in range(1, text.count("\n")):
        assert grouped(rule, text, pieces) == whole


@examples
def test_all_languages_at_once(name: Name, trace: str) -> None:
    assert joined(trace) in grouped(Traces(LANGUAGES), PLAIN + trace + PLAIN)


@examples
def test_a_trace_may_belong_to_the_line_before(name: Name, trace: str) -> None:
    rule = Traces([name], line_before=True)
    assert grouped(rule, f"first\nthe message\n{trace}next\n") == [
        "first",
        f"the message|{joined(trace)}",
        "next",
    ]
    assert grouped(rule, f'{{"json":1}}\n{trace}next\n') == ['{"json":1}', joined(trace), "next"]
    assert grouped(rule, PLAIN) == PLAIN.splitlines()


SOUP = sorted(
    {line for traces in [*TRACES.values(), (PLAIN,)] for trace in traces for line in trace.splitlines()}
)


@given(
    st.lists(st.sampled_from(SOUP), max_size=30),
    st.sampled_from([*[(name,) for name in TRACES], tuple(TRACES)]),
    st.booleans(),
    st.data(),
)
def test_any_lines_come_once_in_order_wherever_blocks_end(
    lines: list[str], names: tuple[Name, ...], line_before: bool, data: st.DataObject
) -> None:
    rule = Traces(names, line_before=line_before)
    text = "".join(f"{line}\n" for line in lines)
    whole = grouped(rule, text)
    assert [part for event in whole for part in event.split("|")] == [
        part for line in lines for part in line.split("|")
    ]
    assert grouped(rule, text, data.draw(st.integers(1, 7))) == whole


def test_guesses_that_were_wrong_are_lines_again() -> None:
    text = "/app/a.js:4\nother\n/app/b.js:5\nthrow x\n   ^\n\nError: x\n    at y (z:1:2)\n"
    assert grouped(Traces(["node"]), text) == [
        "/app/a.js:4",
        "other",
        "/app/b.js:5|throw x|   ^||Error: x|    at y (z:1:2)",
    ]


STARTS = [
    # pattern              lines                                  events
    (r"^\d", "1\na\n\nb\n\n2\n3\n", ["1|a||b", "", "2", "3"]),
    (r"^\d", "a\nb\n1\n", ["a|b", "1"]),
    (r"^\d", '1\na\n{"x":1}\nb\n2\n', ["1|a", '{"x":1}', "b", "2"]),
    (r"^\[\w+\]", "[a] 1\n x\n[b]\n", ["[a] 1| x", "[b]"]),
    (r"^\d+\s|^END", "1\na\n2 b\nc\nEND\n", ["1|a", "2 b|c", "END"]),
    (r"ERROR|WARN", "x ERROR\ny\nz WARN\n", ["x ERROR|y", "z WARN"]),
    (r"begins$", "it begins\nx\ny begins\n", ["it begins|x", "y begins"]),
    (r"(?i)^start", "Start\nx\nSTART\n", ["Start|x", "START"]),
    (r"^\{$", '{\n "a": 1\n}\n{\n}\n', ['{| "a": 1|}', "{|}"]),
    (r"^ä", "ä1\nb\nä2\n", ["ä1|b", "ä2"]),
]


@pytest.mark.parametrize(("pattern", "text", "events"), STARTS)
def test_a_pattern_of_first_lines(pattern: str, text: str, events: list[str]) -> None:
    for pieces in range(text.count("\n")):
        assert grouped(Starts(pattern), text, pieces) == events


CONTINUES = [
    (r"^\s", "a\n b\n\tc\nd\n", ["a| b|\tc", "d"]),
    (r"^\s", ' a\n b\n{"x":1}\n c\n', [" a| b", '{"x":1}', " c"]),
    (r"^(?:and|or) |\\$", "a\nand b\nc \\\nd\n", ["a|and b|c \\", "d"]),
    (r"\z", "a\nb\n", ["a|b"]),
    (r"\A-", "a\n-b\nc-\n", ["a|-b", "c-"]),
]


@pytest.mark.parametrize(("pattern", "text", "events"), CONTINUES)
def test_a_pattern_of_further_lines(pattern: str, text: str, events: list[str]) -> None:
    for pieces in range(text.count("\n")):
        assert grouped(Continues(pattern), text, pieces) == events


@pytest.mark.parametrize("kind", [Starts, Continues])
def test_a_pattern_that_is_none(kind: type[Starts] | type[Continues]) -> None:
    with pytest.raises(PatternError, match=r"missing closing \).*at character 1|missing \)"):
        kind("(a")
