import pytest
from pydantic import TypeAdapter, ValidationError

from penstock.sandbox.faults import FaultList, parse_share, type_name

faults: TypeAdapter[FaultList] = TypeAdapter(FaultList)


@pytest.mark.parametrize(
    ("written", "share"), [("1%", 0.01), ("0.5 %", 0.005), (1, 1.0), (0.25, 0.25), (0, 0)]
)
def test_a_share(written: object, share: float) -> None:
    assert parse_share(written) == pytest.approx(share)


@pytest.mark.parametrize("written", ["", "%", "x%", "101%", "-1%", 1.5, -1, True, None, "0.5", float("nan")])
def test_what_is_no_share(written: object) -> None:
    with pytest.raises(ValueError, match="is not a share"):
        parse_share(written)


def test_one_of_each_kind() -> None:
    found = faults.validate_python(
        [
            {"type": "latency", "delay": "10ms", "up_to": "1s"},
            *({"type": kind} for kind in ("hang", "reset", "cut", "short_body", "garbled", "html", "refuse", "tls")),
            {"type": "status", "status": 503, "retry_after": "2s"},
            {"type": "partial", "events": "1%", "after": "1m", "for": "10s"},
        ]
    )  # fmt: skip
    assert len({type_name(fault) for fault in found}) == len(found)
    assert found[-1].for_ == 10.0
    # What has begun to answer has taken what was sent; what has not may or may not.
    taken = {type_name(fault): fault.taken for fault in found if hasattr(fault, "taken")}
    assert {kind for kind, is_taken in taken.items() if is_taken} == {"cut", "short_body", "garbled"}


def test_two_of_one_name_are_a_mistake() -> None:
    with pytest.raises(ValidationError, match="two faults called a"):
        faults.validate_python([{"type": "hang", "name": "a"}, {"type": "reset", "name": "a"}])


def test_a_wait_that_no_date_can_tell_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="less than or equal to"):
        faults.validate_python(
            [{"type": "status", "status": 503, "retry_after": "999999999h", "retry_after_as": "date"}]
        )
