"""The language of conditions and values: CEL on the subset that logs need, compiled to Python functions."""

from penstock.expressions.errors import EvalError, ExpressionError
from penstock.expressions.expression import Expression, compile_condition, compile_expression
from penstock.expressions.settings import Condition, ExpressionField
from penstock.expressions.values import MISSING, plain

__all__ = [
    "MISSING",
    "Condition",
    "EvalError",
    "Expression",
    "ExpressionError",
    "ExpressionField",
    "compile_condition",
    "compile_expression",
    "plain",
]
