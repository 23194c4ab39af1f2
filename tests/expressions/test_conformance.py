"""The cases of CEL's own conformance tests that fall in the subset."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from penstock.expressions import MISSING, EvalError, ExpressionError, compile_expression
from penstock.expressions.operators import equal
from penstock.expressions.values import Duration, Kind, Timestamp, UInt

FILE = json.loads(Path(__file__).with_name("cel_conformance.json").read_text())
CASES = [pytest.param(case, id=f"{case['file']}/{case['section']}/{case['name']}") for case in FILE["cases"]]


def value_of(written: Any) -> Any:
    """JSON has not all types: `{"uint": 1}`."""
    if not isinstance(written, dict):
        return written
    ((kind, inner),) = written.items()
    return READ[kind](inner)


READ: dict[str, Callable[[Any], Any]] = {
    "missing": lambda _: MISSING,
    "uint": UInt,
    "double": float,
    "bytes": bytes.fromhex,
    "list": lambda items: [value_of(item) for item in items],
    "map": lambda pairs: {value_of(key): value_of(value) for key, value in pairs},
    "type": Kind,
    "timestamp": lambda parts: Timestamp(parts[0] * 10**9 + parts[1]),
    "duration": lambda parts: Duration(parts[0] * 10**9 + parts[1]),
}


def same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, float) and math.isnan(one):
        return math.isnan(other)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one is other or equal(one, other)


@pytest.mark.parametrize("case", CASES)
def test_means_what_it_means_in_cel(case: dict[str, Any]) -> None:
    checked = "unchecked" not in case  # as CEL's own tests leave out the look at types
    event = {name: value_of(value) for name, value in case.get("bindings", {}).items()}
    if case.get("error"):
        with pytest.raises((EvalError, ExpressionError)):
            compile_expression(case["expr"], checked=checked)(event)
    else:
        wanted = value_of(case["gives"] if "differs" in case else case["value"])
        assert same(compile_expression(case["expr"], checked=checked)(event), wanted)


def test_most_of_them_are_there_and_few_differ() -> None:
    different = [case for case in FILE["cases"] if "differs" in case]
    assert len(FILE["cases"]) > 1150
    assert len(different) < 30
    assert all("error" not in case and "value" not in case for case in different)
