from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from penstock.processors.flat import flatten, nest

values: st.SearchStrategy[Any] = st.recursive(
    st.integers() | st.just([]),
    lambda inner: st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, min_size=1, max_size=3),
    max_leaves=8,
)


@given(event=st.dictionaries(st.text("abc", min_size=1, max_size=2), values, max_size=4))
def test_what_is_flattened_can_be_nested_again(event: dict[str, Any]) -> None:
    changed = dict(event)
    flatten(changed, ".")
    assert not any(isinstance(value, dict) for value in changed.values())
    nest(changed, ".")
    assert changed == event


def test_of_two_of_one_name_the_first_stays() -> None:
    event: dict[str, Any] = {"a": {"b": 1}, "a.b": 2}
    flatten(event, ".")
    assert event == {"a.b": 1}


def test_a_name_of_very_many_parts_stays() -> None:
    event: dict[str, Any] = {".".join("a" * 5000): 1}
    nest(event, ".")
    assert list(event) == [".".join("a" * 5000)]
