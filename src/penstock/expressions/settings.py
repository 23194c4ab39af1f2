"""Expressions as values of the configuration."""

from typing import Annotated, Any

from pydantic import BeforeValidator, InstanceOf, PlainSerializer, WithJsonSchema

from penstock.expressions.expression import Expression, compile_condition, compile_expression


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("is no expression: write it as text, in quotes")  # noqa: TRY004 - pydantic takes ValueError
    return value


def _read(value: Any) -> Expression:
    return value if isinstance(value, Expression) else compile_expression(_text(value))


def _read_condition(value: Any) -> Expression:
    return value if isinstance(value, Expression) else compile_condition(_text(value))


ExpressionField = Annotated[
    InstanceOf[Expression],
    BeforeValidator(_read),
    PlainSerializer(lambda expression: expression.text, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["duration_ms / 1000.0"]}),
]
"""An expression: `duration_ms / 1000.0`."""
Condition = Annotated[
    InstanceOf[Expression],
    BeforeValidator(_read_condition),
    PlainSerializer(lambda expression: expression.text, return_type=str),
    WithJsonSchema({"type": "string", "examples": ['level == "error"']}),
]
"""An expression that is true or false: `level == "error"`."""
