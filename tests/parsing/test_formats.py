from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.parsing.formats import Format

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("%d/%m/%Y %H:%M:%S", "03/04/2026 10:00:00", "2026-04-03T10:00:00Z"),
        ("%m/%d/%Y %I:%M:%S %p", "04/03/2026 10:00:00 PM", "2026-04-03T22:00:00Z"),
        ("%d.%m.%y %H:%M", "3.4.26 10:00", "2026-04-03T10:00:00Z"),
        ("%d.%m.%y", "03.04.69", "1969-04-03T00:00:00Z"),
        ("%F %T,%f", "2026-11-25 10:00:00,1234567", "2026-11-25T10:00:00.1234567Z"),
        ("%F %R %z", "2026-11-25 10:00 +01:00", "2026-11-25T09:00:00Z"),
        ("%a %b %e %H:%M:%S %Z %Y", "Wed Nov  5 10:00:00 CET 2026", "2026-11-05T09:00:00Z"),
        ("%m-%d %H:%M:%S.%f", "03-17 16:13:38.811", "2027-03-17T16:13:38.811Z"),
        ("[%d.%m %T]", "[30.10 16:49:06]", "2026-10-30T16:49:06Z"),
        ("%y%m%d %H%M%S", "081109 203615", "2008-11-09T20:36:15Z"),
        ("%Y%m%d%H%M%S", "20261125100000", "2026-11-25T10:00:00Z"),
        ("%Y-%j", "2026-329", "2026-11-25T00:00:00Z"),
        ("%s", "12", "1970-01-01T00:00:12Z"),
        ("at %s", "at 1764064800.5", "2025-11-25T10:00:00.5Z"),
        ("100%% %F", "100% 2026-11-25", "2026-11-25T00:00:00Z"),
        ("%%F %F", "%F 2026-11-25", "2026-11-25T00:00:00Z"),
    ],
)
def test_codes(form: str, text: str, expected: str) -> None:
    one = Format(form)
    assert [one.read(text, NOW) for _ in range(2)] == [expected] * 2


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%F", "2026-02-30"),
        ("%F", "2026-11-25 "[:-2]),
        ("%F", "x2026-11-25"),
        ("%F %Z", "2026-11-25 IST"),
        ("%F %I:%M %p", "2026-11-25 13:00 PM"),
        ("%Y-%j", "2026-366"),
        ("%Y-%j", "2026-0"),
        ("%s", "9" * 19),
        ("%F", "2026-11-25" + " " * 300),
    ],
)
def test_what_has_another_form(form: str, text: str) -> None:
    if text == "2026-11-2":
        assert Format(form).read(text, NOW) == "2026-11-02T00:00:00Z"
    else:
        assert Format(form).read(text, NOW) is None


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("%Q %F", "%Q in the format '%Q %F' is not known"),
        ("%F %", "% in the format"),
        ("%H:%M", "says no day"),
        ("%m/%Y", "says no day"),
        ("%F %d", "%d stands twice"),
        ("%F %H:%S", "has %S without %M"),
        ("%F %I:%M", "has %I without %p"),
        ("%F %y", "both %Y and %y"),
        ("%F %b", "both %m and %b"),
    ],
)
def test_mistakes_say_what_and_how(form: str, said: str) -> None:
    with pytest.raises(ValueError, match="format") as caught:
        Format(form)
    assert said in str(caught.value)


def test_the_zone_is_that_of_the_configuration_but_where_the_text_says() -> None:
    east = timezone(timedelta(hours=2))
    assert Format("%F %R", east).read("2026-11-25 10:00", NOW) == "2026-11-25T08:00:00Z"
    assert Format("%F %R%z", east).read("2026-11-25 10:00Z", NOW) == "2026-11-25T10:00:00Z"


@given(
    st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2068, 1, 1)),  # noqa: DTZ001 - they are written without
    st.sampled_from(
        [
            "%d/%m/%Y %H:%M:%S.%f",
            "%Y%m%d%H%M%S.%f",
            "%b %d %Y %I:%M:%S.%f %p",
            "%A %d %B %y %T.%f",
            "%j %Y %T,%f",
        ]
    ),
)
def test_reads_what_strftime_writes(moment: datetime, form: str) -> None:
    expected = moment.isoformat(timespec="microseconds") + "Z"
    assert Format(form).read(moment.strftime(form), NOW) == expected


@given(st.text(max_size=40), st.sampled_from(["%F %T", "%s", "%j", "%a %b %e %I %p"]))
def test_never_raises(text: str, form: str) -> None:
    Format(form).read(text, NOW)
