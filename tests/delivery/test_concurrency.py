from penstock.delivery.concurrency import Concurrency


def test_it_finds_the_most_that_a_service_takes() -> None:
    window = Concurrency(8)
    assert window.limit == 1
    for _ in range(7):
        window.succeeded()
    assert window.limit == 8
    window.succeeded()
    assert window.limit == 8


def test_an_overload_halves_it_and_from_then_on_it_grows_by_one_a_round() -> None:
    window = Concurrency(8)
    for _ in range(7):
        window.succeeded()
    window.overloaded()
    assert window.limit == 4
    for _ in range(4):
        window.succeeded()
    assert window.limit in (4, 5)
    for _ in range(2):
        window.succeeded()
    assert window.limit == 5


def test_one_request_is_always_allowed() -> None:
    window = Concurrency(4)
    for _ in range(10):
        window.overloaded()
    assert window.limit == 1
