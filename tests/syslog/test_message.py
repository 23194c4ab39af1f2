import pytest

from penstock.syslog.message import parse
from penstock.syslog.stamps import Calendar

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<165>1 - box app - - - new", "new"),
        ("<165>Oct 11 22:14:15 box app: old", "old"),
        ("<165>app: older", "older"),
        (f"{BOM}<165>app: marked", "marked"),
        ("<165>app: ended\n", "ended"),
        ("<165>app: ended\0", "ended"),
        ("<165>app: ended\r\n\0\n", "ended"),
        ("<165>app: two\nlines ", "two\nlines "),
        ("<165>1 2003-13-11T22:14:15Z a b c d - no such day", "1 2003-13-11T22:14:15Z a b c d - no such day"),
    ],
)
def test_whichever_kind_it_is(text: str, message: str) -> None:
    fields = parse(text, 0.0, Calendar())
    assert fields is not None
    assert (fields["level"], fields["message"]) == ("notice", message)


def test_what_is_no_syslog() -> None:
    assert parse("just text", 0.0, Calendar()) is None


@pytest.mark.parametrize(
    "text",
    [
        "<13>" * 50_000,
        "<13>1 " + "- " * 100_000,
        "<13>" + " " * 200_000 + "x",
        "<13>1 - - - - - " + "[a " * 70_000,
        '<13>1 - - - - - [a b="' + "\\" * 200_000,
        "<13>1 - - - - - [" + 'a="b" ' * 30_000,
        "<13>Oct 11 22:14:15 " + "a" * 200_000,
        "<13>Oct 11 22:14:15 " + "a:" * 100_000,
        "<13>Oct 11 22:14:15 " + "[" * 200_000,
        "<13>29: " * 30_000,
        "9" * 200_000,
        " " * 200_000,
    ],
    ids=lambda text: text[:24],
)
@pytest.mark.timeout(10)
def test_a_hostile_message_of_any_length_is_read_in_one_go(text: str) -> None:
    parse(text, 0.0, Calendar())
