from penstock.sandbox.reporter import SHOWN, Reporter

NOW = 1_790_000_000.0


def test_each_request_has_its_line_while_there_are_few() -> None:
    lines: list[str] = []
    reporter = Reporter(lines.append)
    reporter.taken(NOW, 1, 1000, b'{"message":"hello"}', again=False)
    reporter.taken(NOW, 2, 50, b"{}", again=True)
    reporter.refused(NOW, 400, "no events")
    reporter.tick(NOW)
    assert [line[9:] for line in lines] == [
        'received 1 event, 1,000 bytes: {"message":"hello"}',
        "received 2 events, 50 bytes, again (its key came before), the last: {}",
        "refused with 400: no events",
    ]


def test_many_requests_are_summed_up_each_second() -> None:
    lines: list[str] = []
    reporter = Reporter(lines.append, each=1)
    for _ in range(2):
        for _ in range(4):
            reporter.taken(NOW, 1000, 5, b"", again=False)
        reporter.refused(NOW, 400, "bad")
        reporter.tick(NOW)
    assert [line[9:] for line in lines] == 2 * [
        "received 1,000 events, 5 bytes",
        "received 3,000 events in 3 more requests, 15 bytes",
        "refused 1 more request",
    ]


def test_what_is_shown_of_an_event_is_short_and_harms_no_terminal() -> None:
    lines: list[str] = []
    Reporter(lines.append).taken(NOW, 1, 1, b'{"m":"\x1b[2J\xff' + b"x" * 5000, again=False)
    assert "\x1b" not in lines[0]
    assert len(lines[0]) < SHOWN + 60
