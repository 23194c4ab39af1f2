import pytest

from penstock.delivery.blotter import HIDDEN, Blotter

KEY = "dXNlcjpodW50/ZXIy+w=="


@pytest.mark.parametrize(
    "told",
    [KEY, KEY.replace("/", r"\/"), "dXNlcjpodW50%2FZXIy%2Bw%3D%3D", "dXNlcjpodW50/ZXIy%2Bw%3D%3D"],
)
def test_a_secret_goes_in_each_form_that_a_service_may_repeat_it_in(told: str) -> None:
    assert Blotter({KEY})(f"Basic {told}, {told}.") == f"Basic {HIDDEN}, {HIDDEN}."


@pytest.mark.parametrize("told", ['pä/"ß', r"pä/\"ß", r"p\u00e4/\"\u00df", r"pä\/\"ß", r"p\u00e4\/\"\u00df"])
def test_a_secret_goes_from_json_with_and_without_escapes_of_letters(told: str) -> None:
    assert Blotter({'pä/"ß'})(f'{{"a":"{told}"}}') == f'{{"a":"{HIDDEN}"}}'


@pytest.mark.parametrize("size", range(4, len(KEY)))
@pytest.mark.parametrize("end", ["", "…"])
def test_the_beginning_of_a_secret_goes_where_the_text_breaks_off(size: int, end: str) -> None:
    assert Blotter({"other", KEY})(f"Basic {KEY[:size]}{end}") == f"Basic {HIDDEN}{end}"


def test_a_secret_within_another_leaves_nothing_of_it() -> None:
    assert Blotter({"hunter", "hunter2"})("a hunter2 b") == f"a {HIDDEN} b"


def test_other_text_stays() -> None:
    assert Blotter({KEY, ""})("HTTP 500: dXN…") == "HTTP 500: dXN…"
    assert Blotter(frozenset())("anything") == "anything"
