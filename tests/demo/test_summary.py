from penstock.demo.summary import Summary
from penstock.sandbox.received import Received
from penstock.sandbox.service import Accepted, Answered

NOW = 1_793_000_000.0


def answered(events: int, refused: int = 0) -> Answered:
    return Answered(200, accepted=[Accepted("", b"{}")] * events, refused=refused)


def test_it_tells_what_is_new() -> None:
    hook, search = Received(), Received()
    accounts = {"hook": hook, "search": search}
    summary = Summary()
    assert summary.line(NOW, 0, accounts) == ""
    hook.note(2, answered(20))
    search.note(2, answered(19, refused=1))
    search.note(2, None, fault=True)
    assert summary.line(NOW, 20, accounts)[8:] == " sent 20 | hook 20 | search 19, 1 refused, 1 faults"
    hook.note(2, answered(1))
    assert summary.line(NOW, 20, accounts)[8:] == " sent 0 | hook 1"
    assert summary.line(NOW, 20, accounts) == ""
    assert summary.line(NOW, 23, accounts)[8:] == " sent 3"
