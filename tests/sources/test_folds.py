import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from penstock.sources.folds import Folds

ALL = "".join(map(chr, range(1, 0x20)))


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("a\nb")
@example("\n")
@example(ALL)
@example(f"\n{ALL}\0\n")
def test_what_is_folded_is_one_line_and_comes_back(message: str) -> None:
    folds = Folds()
    line = folds.fold(message.encode())
    assert b"\n" not in line
    assert folds.unfold(line.decode()) == message


@pytest.mark.parametrize("message", [b"", b"a", b"<13>text\0", b"\xff"])
def test_what_holds_no_newline_is_left_alone(message: bytes) -> None:
    assert Folds().fold(message) is message


def test_another_mark_is_text() -> None:
    line = Folds().fold(b"a\nb").decode()
    assert Folds().unfold(line) == line


def test_a_line_grows_by_little() -> None:
    assert len(Folds().fold(b"\n" * 1000)) < 1032


def test_a_line_that_was_cut_can_be_unfolded() -> None:
    folds = Folds()
    line = folds.fold(b"a\nb").decode()
    for end in range(len(line)):
        folds.unfold(line[:end])
