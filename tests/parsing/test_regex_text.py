import pytest

from penstock.parsing.regex_text import RegexText
from penstock.parsing.values import Casts


def test_groups_with_names_are_fields_from_left_to_right() -> None:
    parser = RegexText([r"(?P<b>\w+)=(?P<a>\d+)(?: (?P<c>x))?"], Casts({"a": "int"}))
    fields = parser.parse("so: ä=1 n=12!", 0.0)
    assert fields == {"b": "n", "a": 12}
    assert list(fields) == ["b", "a"]


def test_the_first_pattern_that_is_found_counts() -> None:
    parser = RegexText(["^(?P<a>[0-9]+)$", "(?P<b>x)"])
    assert parser.parse_all(["1", "1x", "y"], 0.0) == [{"a": "1"}, {"b": "x"}, None]


def test_capitals() -> None:
    assert RegexText(["(?P<a>error)"], ignore_case=True).parse("an ERROR", 0.0) == {"a": "ERROR"}


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("(?P<a>", "missing"), (r"(?P<a>x)(?=y)", "look-around"), ("x(y)", "no named group")],
)
def test_mistakes(pattern: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        RegexText([pattern])
