import pytest

from penstock.sandbox.faults import Breach, Reset, Status
from penstock.sandbox.reporter import SHOWN, Reporter
from penstock.sandbox.service import Accepted, Answered, Asked

NOW = 1_790_000_000.0
EVENT = Accepted("", b'{"message":"hello"}')
RESET = Reset(type="reset")


def asked(size: int = 5, method: str = "POST") -> Asked:
    return Asked(method, "/logs?key=hidden", {}, bytes(size), b"", NOW)


@pytest.mark.parametrize(
    ("answered", "breach", "line"),
    [
        (Answered(200, accepted=[EVENT]), None, 'received 1 event, 1,000 bytes, the last: {"message":"hello"}'),
        (Answered(200, repeated=2), None, "received 0 events, 1,000 bytes, 2 had come before"),
        (Answered(200, refused=3), None, "received 0 events, 1,000 bytes, 3 refused"),
        (Answered(400, b"no events"), None, "refused POST /logs with 400: no events"),
        (Answered(200), None, "answered POST /logs with 200"),
        (None, RESET, "POST /logs met by reset"),
        (None, Status(type="status", status=503), "POST /logs met by status 503"),
        (Answered(200, accepted=[EVENT] * 2), RESET, "POST /logs met by reset, though 2 events are taken"),
        (None, None, "POST /logs given up by its sender"),
    ],
)  # fmt: skip
def test_a_request_has_its_line_while_there_are_few(
    answered: Answered | None, breach: Breach | None, line: str
) -> None:
    lines: list[str] = []
    Reporter(lines.append).request("hook", asked(1000), answered, breach)
    assert [told[9:] for told in lines] == [f"hook: {line}"]


def test_many_requests_are_summed_up_each_second_by_service() -> None:
    lines: list[str] = []
    reporter = Reporter(lines.append, each=1)
    for _ in range(2):
        for name in ("a", "a", "a", "b"):
            reporter.request(name, asked(), Answered(200, accepted=[EVENT] * 1000), None)
        reporter.request("b", asked(), Answered(400, b"bad"), None)
        reporter.request("b", asked(), None, RESET)
        reporter.tick(NOW)
    assert [line[9:] for line in lines] == 2 * [
        'a: received 1,000 events, 5 bytes, the last: {"message":"hello"}',
        "a: received 2,000 events in 2 more requests, 10 bytes",
        "b: received 1,000 events in 1 more request, 5 bytes",
        "b: refused 1 more request",
        "b: 1 more request met by faults",
    ]


def test_what_is_shown_from_outside_is_short_and_harms_no_terminal() -> None:
    lines: list[str] = []
    event = Accepted("", b'{"m":"\x1b[2J\xff' + b"x" * 5000)
    reporter = Reporter(lines.append)
    reporter.request("hook", asked(), Answered(200, accepted=[event]), None)
    reporter.request("hook", Asked("GET", "/\x1b[2J" + "x" * 5000, {}, b"", b""), Answered(404), None)
    assert "\x1b" not in "".join(lines)
    assert max(map(len, lines)) < SHOWN + 80
