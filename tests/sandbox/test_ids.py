from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from penstock.sandbox.ids import LONGEST, Ids

NUMBERED = st.builds("{}{}".format, st.sampled_from(["", "web-1-", "db:"]), st.integers(0, 40))
PLAIN = st.sampled_from(["a", "b", "3f-a", "x" * LONGEST, "digits-" + "9" * 30])


@given(st.lists(NUMBERED | PLAIN))
def test_it_agrees_with_a_counter(texts: list[str]) -> None:
    ids = Ids()
    for text in texts:
        ids.note(text)
    times = Counter(texts)
    assert ids.distinct == len(times)
    assert ids.duplicates == len(texts) - len(times)
    missing = {
        f"{prefix}{number}" for prefix, first, last in ids.holes() for number in range(first, last + 1)
    }
    assert len(missing) == ids.missing
    assert not missing & set(times)
    report = ids.report()
    assert report["complete"]
    again = {
        f"{part['prefix']}{number}"
        for part in report["numbered"]
        for first, last in part["duplicated"]
        for number in range(first, last + 1)
    } | set(report["others"]["duplicated"])
    assert again == {text for text, count in times.items() if count > 1}


def test_a_hole_is_told_as_a_range() -> None:
    ids = Ids()
    for number in (1, 2, 3, 7, 8, 3):
        ids.note(f"web-1-{number}")
    assert ids.report() == {
        "distinct": 5, "duplicates": 1, "missing": 3, "untracked": 0, "complete": True,
        "numbered": [
            {"prefix": "web-1-", "first": 1, "last": 8, "distinct": 5, "holes": [(4, 6)], "duplicated": [(3, 3)]}
        ],
        "others": {"distinct": 0, "duplicated": []},
    }  # fmt: skip


def test_beyond_its_bounds_it_says_that_it_is_not_complete() -> None:
    ids = Ids(prefixes=1, runs=2, texts=2)
    for text in ("a1", "a3", "a5"):  # the third run is one too many
        ids.note(text)
    assert (ids.distinct, ids.untracked) == (2, 1)
    for text in ("b1", "c1", "d1", "b1"):  # of a second prefix, so as they are; the third is one too many
        ids.note(text)
    assert (ids.distinct, ids.untracked, ids.duplicates) == (4, 2, 1)
    ids.note("x" * (LONGEST + 1))
    assert (ids.untracked, ids.report()["complete"]) == (3, False)


def test_a_prefix_that_came_too_late_is_left_out_of_the_report() -> None:
    ids = Ids(runs=1)
    ids.note("a1")
    ids.note("b1")
    assert [part["prefix"] for part in ids.report()["numbered"]] == ["a"]
