"""YAML: what cannot be read is told with its line, and keys are found on theirs."""

from pathlib import Path

import pytest

from penstock.document import parse, read
from penstock.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty (begin with sources:)"),
        ("# nothing\n", "is empty (begin with sources:)"),
        ("- a\n", "holds no keys (begin with sources:)"),
        (
            "a:\n\tb: 1\n",
            "line 2: is not YAML at column 1: a tab stands where spaces belong (indent with spaces)",
        ),
        (
            "a: b: c\n",
            (
                "line 1: is not YAML at column 5: mapping values are not allowed here"
                ' (put text that holds ": " in quotes, and look at the indentation)'
            ),
        ),
        ("a: [1\nb: 2\n", "line 2: is not YAML at column 2: expected ',' or ']', but got ':'"),
        ("a: *b\n", "line 1: is not YAML at column 4: found undefined alias 'b'"),
        ("a: 2026-13-01\n", "cannot be read as YAML: month must be in 1..12 (put it in quotes)"),
        ("a: 1\n---\nb: 2\n", "line 2: is not YAML at column 1: but found another document"),
        ("a: !!python/object:os.system {}\n", None),
        ("a: 1\nb: \x00\n", "line 2: holds the character U+0000, which YAML does not take"),
        ("a: " + "[" * 1000, None),
    ],
)
def test_what_is_not_yaml(text: str, problem: str | None) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "x.yaml", "begin with sources:")
    (told,) = caught.value.problems
    assert problem is None or str(told) == problem


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(ConfigError, match="line 2: is not UTF-8 text"):
        read(path)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read(path).data == {"a": 1}


def test_odd_keys_are_told_and_the_rest_is_read() -> None:
    document = parse("a: {x: 1, x: 2}\non: 3\nl:\n  - {y: 1,\n     y: 2}\n", "x")
    assert [str(problem) for problem in document.problems] == [
        "line 1: a.x: stands twice, first on line 1",
        "line 2: on: is a key that YAML does not take for text (put it in quotes)",
        "line 5: l.0.y: stands twice, first on line 4",
    ]
    assert document.data["a"] == {"x": 2}


def test_lines_of_keys_and_of_what_is_not_there() -> None:
    document = parse("a:\n  b:\n    - x\n    - c: 1\n", "x")
    assert document.line(["a"]) == 1
    assert document.line(["a", "b"]) == 2
    assert document.line(["a", "b", 1]) == 4
    assert document.line(["a", "b", 1, "c"]) == 4
    assert document.line(["a", "b", "1"]) == 4, "a path as it is told"
    assert document.line(["a", "nowhere", "deeper"]) == 1
    assert document.line(["nowhere"]) is None


def test_anchors_and_merges_are_taken() -> None:
    document = parse("x: &x {a: 1}\ny: {<<: *x, b: 2}\nz: *x\n", "x")
    assert document.problems == ()
    assert document.data["y"] == {"a": 1, "b": 2}
    assert document.data["z"] == {"a": 1}


def test_a_bomb_of_aliases_is_read_in_no_time() -> None:
    text = "a0: &a0 {k: 1}\n" + "".join(
        [f"a{i}: &a{i} [" + f"*a{i - 1}, " * 10 + "]\n" for i in range(1, 30)]
    )
    assert len(parse(text, "x").data) == 30
