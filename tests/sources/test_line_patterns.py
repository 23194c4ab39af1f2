"""Patterns for lines, and the same for blocks of lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.regex import PatternError, compile_pattern
from penstock.sources.line_patterns import line_starts, of_lines, within_line

PATTERNS = [
    # pattern                   what is found in a block
    (r"^\d{4}-\d\d-\d\d", r"^\d{4}-\d\d-\d\d"),
    (r"^\[\w+\]\s", r"^\[\w+\][\t\f\r ]"),
    (r"^(?:and|or) |\\$", r"^(?:and|or) |\\$"),
    (r"(?i)error", r"(?i)error"),
    (r"(?P<at>\S+):\d", r"(?P<at>\S+):\d"),
    (r"[^]a]", r"[^\n\]a]"),
    (r"[]a]", r"[\]a]"),
    (r"[\s,;-]x", r"[\t\f\r ,;-]x"),
    (r"\D\W", r"[^\d\n][^\w\n]"),
    (r"ä.+\.\(", r"ä.+\.\("),
    (r"\bx\B", r"\bx\B"),
    (r"a\nb", None),
    (r"\Aa", None),
    (r"a\z", None),
    (r"\x0a", None),
    (r"\pL", None),
    (r"[[:space:]]", None),
    (r"[\t-\r]", None),
    (r"[\W]", None),
    (r"(?s)a.b", None),
    ("a\tb", None),
    (r"\Qa\E", None),
]


@pytest.mark.parametrize(("pattern", "inner"), PATTERNS)
def test_what_keeps_to_its_line(pattern: str, inner: str | None) -> None:
    assert within_line(pattern) == inner
    of_lines(pattern)


@given(
    st.sampled_from([(pattern, inner) for pattern, inner in PATTERNS if inner is not None]),
    st.lists(st.text("a1 :x\t\r[]é,\\", max_size=6), min_size=1, max_size=5),
)
def test_a_block_is_searched_as_its_lines(patterns: tuple[str, str], lines: list[str]) -> None:
    """Pattern by pattern, the first line in which it is found is the same."""
    pattern, inner = patterns
    each = of_lines(pattern)
    block = "".join(f"{line}\n" for line in lines).encode()
    first = next((number for number, line in enumerate(lines) if each.test(line)), None)
    hit = compile_pattern(f"(?m:{inner})").find(block, 0)
    found = None if not 0 <= hit < len(block) else block.count(b"\n", 0, hit)
    assert found == first


def test_what_is_wrong_is_told_where_it_was_given() -> None:
    with pytest.raises(PatternError) as caught:
        of_lines(r"ab\1")
    assert caught.value.position == 2


@given(st.lists(st.binary(max_size=3).map(lambda line: line.replace(b"\n", b"")), max_size=5))
def test_where_lines_begin(lines: list[bytes]) -> None:
    block = b"".join(line + b"\n" for line in lines)
    starts = line_starts(block)
    assert [block[start : block.index(b"\n", start)] for start in starts] == lines
