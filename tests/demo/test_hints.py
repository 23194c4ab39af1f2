import pytest

from penstock.demo.hints import EXAMPLE, examples, hints


@pytest.mark.parametrize(
    ("endpoint", "first"),
    [
        ("tcp://127.0.0.1:5170", f"echo {EXAMPLE} | nc -w 1 127.0.0.1 5170"),
        ("udp://127.0.0.1:5170", f"echo {EXAMPLE} | nc -u -w 1 127.0.0.1 5170"),
        ("unix:///run/a.sock", f"echo {EXAMPLE} | nc -w 1 -U /run/a.sock"),
        ("unix-datagram:///run/a.sock", "logger --socket /run/a.sock hello"),
        ("http://127.0.0.1:8080/", f"curl --json {EXAMPLE} http://127.0.0.1:8080/"),
    ],
)
def test_each_kind_of_source_has_a_command_to_copy(endpoint: str, first: str) -> None:
    assert examples("penstock", endpoint)[0] == first


def test_a_source_of_another_kind_has_none() -> None:
    assert examples("penstock", "carrier-pigeon://roof") == []


def test_it_is_told_where_to_send_and_where_to_look() -> None:
    text = "\n".join(hints(".venv/bin/penstock", ["tcp://h:1"], "h:2", "h:3"))
    for part in (
        ".venv/bin/penstock send --to tcp://h:1",
        "http://h:2/metrics",
        "http://h:3/received",
        "http://h:3/faults",
    ):
        assert part in text
    assert "metrics" not in "\n".join(hints("penstock", [], "", "h:3"))
