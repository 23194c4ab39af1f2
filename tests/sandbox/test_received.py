from penstock.sandbox.received import KEPT_BYTES, Counts, Received
from penstock.sandbox.service import Accepted, Answered


def taken(*events: bytes, status: int = 200, refused: int = 0, repeated: int = 0) -> Answered:
    accepted = [Accepted("", event) for event in events]
    return Answered(status, accepted=accepted, refused=refused, repeated=repeated)


def test_each_request_is_on_its_accounts() -> None:
    received = Received()
    received.note(10, taken(b'{"id":1}', b'{"id":3}', b"{}", refused=2, repeated=1))
    received.note(20, taken(status=429))
    received.note(30, None, fault=True)
    received.note(40, taken(b'{"id":3}'), fault=True, heard=False)
    assert received.counts == Counts(
        requests=4,
        failed_requests=3,
        faults=2,
        bytes=100,
        events=4,
        refused=2,
        repeated=1,
        unheard=1,
        without_id=1,
    )
    assert (received.ids.distinct, received.ids.duplicates, received.ids.missing) == (2, 1, 1)
    assert received.report()["ids"]["numbered"][0]["holes"] == [(2, 2)]
    received.forget()
    assert received.report() == Received().report()


def test_a_confirmation_that_is_kept_back_is_unheard() -> None:
    received = Received()
    received.note(0, Answered(200, confirmed=3))
    received.note(0, Answered(200, confirmed=4), fault=True, heard=False)
    assert received.counts.unheard == 4


def test_an_id_that_the_service_knows_goes_before_the_events_own() -> None:
    received = Received("n")
    received.note(0, Answered(200, accepted=[Accepted("a-1", b'{"n":5}'), Accepted("", b'{"n":6}')]))
    assert [part["prefix"] for part in received.report()["ids"]["numbered"]] == ["a-", ""]


def test_only_the_latest_are_kept() -> None:
    received = Received(keep=2)
    received.note(0, taken(b"1", b"2", b"3"))
    received.note(0, taken(b"4"))
    assert [accepted.event for accepted in received.events] == [b"3", b"4"]
    large = bytes(KEPT_BYTES)
    received.note(0, taken(large, large))
    assert len(received.events) == 1
    nothing = Received(keep=0)
    nothing.note(0, taken(b"1"))
    assert not nothing.events
