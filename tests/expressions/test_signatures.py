"""The checker knows the types of every function that there is."""

from penstock.expressions.library import FUNCTIONS
from penstock.expressions.signatures import FUNCTIONS as SIGNATURES


def test_every_function_has_its_types() -> None:
    assert set(SIGNATURES) == set(FUNCTIONS)
    for name, function in FUNCTIONS.items():
        assert len(SIGNATURES[name][0]) == function.most, name
