"""Expressions, ready to be asked of events."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Final

from penstock.columns import look_up
from penstock.expressions import code
from penstock.expressions.checker import check
from penstock.expressions.errors import EvalError, ExpressionError
from penstock.expressions.library import FUNCTIONS
from penstock.expressions.macros import MOST_STEPS
from penstock.expressions.nodes import (
    Binary,
    Call,
    Conditional,
    Has,
    Index,
    ListOf,
    Literal,
    Logic,
    Macro,
    MapOf,
    Name,
    Node,
    Select,
    Unary,
    children,
)
from penstock.expressions.parser import parse
from penstock.expressions.paths import kinds_of, path_of
from penstock.expressions.times import zone
from penstock.expressions.values import MISSING
from penstock.regex import PatternError, compile_pattern

_CHECKED: Final = ("timestamp", "duration")
"""Functions of which a constant that they do not take is a mistake in the text, not of an event."""


class Expression:
    """One expression. Raises `EvalError` where it cannot be worked out for an event."""

    __slots__ = ("fields", "function", "text", "whole")

    def __init__(
        self, text: str, fields: tuple[str, ...], function: Callable[..., Any], *, whole: bool
    ) -> None:
        self.text = text
        self.fields = fields
        """The fields that it reads, as dotted paths."""
        self.whole = whole
        """It needs the event as a whole, so that `function` takes that alone."""
        self.function = function
        """Takes the values of `fields` in their order, with `MISSING` for what an event does not have."""

    def __call__(self, event: dict[str, Any]) -> Any:
        """Its value for a decoded event."""
        if self.whole:
            return self.function(event)
        return self.function(*[look_up(event, path, MISSING) for path in self.fields])

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Expression)
            and self.text == other.text
            and self.function.__name__ == other.function.__name__
        )

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def compile_expression(text: str, *, checked: bool = True) -> Expression:
    """An expression of any type. Raises `ExpressionError`, which points at the character.

    Without `checked`, types that never go together are left to the event.
    """
    return _compiled(text, condition=False, checked=checked)


def compile_condition(text: str) -> Expression:
    """One that is true or false; absent counts as false. Raises `ExpressionError`, which points at the character."""
    return _compiled(text, condition=True)


def _compiled(text: str, *, condition: bool, checked: bool = True) -> Expression:
    parsed = parse(text)
    if checked:
        check(parsed, text)
    node = _folded(parsed, text)
    if isinstance(node, Call | Binary | Unary) and _constant(node):
        _evaluated(node, text)
    if condition and not _may_ask(node):
        raise ExpressionError("a condition must be true or false: compare it with something", text, node.at)
    paths: dict[str, str] = {}
    whole = _fields(node, (), paths)
    parameters = ["event"] if whole else list(paths.values())
    fields = {path: f"f_look_up(event, {path!r}, MISSING)" for path in paths} if whole else paths
    function = _function(node, {**fields, "": "event"}, parameters, condition=condition)
    return Expression(text, () if whole else tuple(paths), function, whole=whole)


def _function(
    node: Node, fields: Mapping[str, str], parameters: list[str], *, condition: bool
) -> Callable[..., Any]:
    arguments = ", ".join(parameters)
    writers = [code.Writer(fields, careful=careful) for careful in (False, True)]
    quick, careful = (writer.asked(node) if condition else writer.write(node) for writer in writers)
    names = {"EvalError": EvalError, "f_look_up": look_up}
    start = f" left = [{MOST_STEPS}]\n" if writers[0].loops else ""
    source = f"def {'condition' if condition else 'value'}({arguments}):\n{start} return {quick}\n"
    if quick != careful:
        inner: dict[str, Any] = {**names, **writers[1].names}
        exec(compile(f"def careful({arguments}):\n{start} return {careful}\n", "<expression>", "exec"), inner)  # noqa: S102 - our own code, made of names and constants
        names["careful"] = inner["careful"]
        source = (
            f"def {'condition' if condition else 'value'}({arguments}):\n{start}"
            f" try:\n  return {quick}\n except EvalError:\n  return careful({arguments})\n"
        )
    space: dict[str, Any] = {**names, **writers[0].names}
    exec(compile(source, "<expression>", "exec"), space)  # noqa: S102 - the same
    function: Callable[..., Any] = space["condition" if condition else "value"]
    return function


def _fields(node: Node, local: tuple[str, ...], paths: dict[str, str]) -> bool:
    """Collects the fields with a variable for each. `True`: the event as a whole is needed."""
    if isinstance(node, Name | Select | Index):
        names = dict.fromkeys(local, "")
        path = path_of(node, names)
        if path is not None:
            paths.setdefault(path, f"v{len(paths)}")
            return False
        if isinstance(node, Name):
            return node.name not in names
        if isinstance(node, Select):
            return _fields(node.operand, local, paths)
        return _fields(node.operand, local, paths) | _fields(node.index, local, paths)
    if isinstance(node, Macro):
        inner = (*local, node.variable)
        found = [_fields(node.operand, local, paths), *(_fields(body, inner, paths) for body in node.body)]
        return any(found)
    if isinstance(node, Binary) and node.operator in ("==", "!="):
        kinds = kinds_of(node)
        sides = [side for side in (node.left, node.right) if side not in kinds]
    else:
        sides = list(children(node))
    # Each of them, as all fields are to be found.
    found = [_fields(side, local, paths) for side in sides]
    return any(found)


def _folded(node: Node, text: str) -> Node:
    """Checks the functions, and works out what is made of constants alone."""
    match node:
        case Select() | Has():
            return replace(node, operand=_folded(node.operand, text))
        case Index():
            return replace(node, operand=_folded(node.operand, text), index=_folded(node.index, text))
        case Conditional():
            node = replace(
                node,
                test=_folded(node.test, text),
                then=_folded(node.then, text),
                otherwise=_folded(node.otherwise, text),
            )
        case Logic():
            node = replace(node, operands=tuple(_folded(operand, text) for operand in node.operands))
        case ListOf():
            node = replace(node, items=tuple(_folded(item, text) for item in node.items))
        case MapOf():
            node = replace(
                node,
                keys=tuple(_folded(key, text) for key in node.keys),
                values=tuple(_folded(value, text) for value in node.values),
            )
        case Macro():
            return replace(
                node,
                operand=_folded(node.operand, text),
                body=tuple(_folded(body, text) for body in node.body),
            )
        case Unary():
            node = replace(node, operand=_folded(node.operand, text))
        case Binary():
            node = replace(node, left=_folded(node.left, text), right=_folded(node.right, text))
        case Call():
            _check_call(node, text)
            node = replace(node, arguments=tuple(_folded(argument, text) for argument in node.arguments))
            _check_constants(node, text)
        case _:
            return node
    if not _constant(node):
        return node
    try:
        return Literal(
            node.at, _evaluated(node, text, checked=isinstance(node, Call) and node.function in _CHECKED)
        )
    except EvalError:
        return node  # the other side of an || may decide: it is for the event to say


def _constant(node: Node) -> bool:
    if isinstance(node, Call) and node.function == "now":
        return False
    return bool(children(node)) and all(isinstance(part, Literal) for part in children(node))


def _evaluated(node: Node, text: str, *, checked: bool = True) -> Any:
    try:
        return _function(node, {"": "event"}, [], condition=False)()
    except EvalError as exc:
        if not checked:
            raise
        raise ExpressionError(str(exc), text, node.at) from exc


def _check_call(node: Call, text: str) -> None:
    function = FUNCTIONS.get(node.function)
    if function is None:
        close = get_close_matches(node.function, FUNCTIONS, 1)
        hint = f": did you mean {close[0]}?" if close else ""
        raise ExpressionError(f"there is no function {node.function}(){hint}", text, node.at)
    if not function.least <= len(node.arguments) <= function.most:
        most = "" if function.most == function.least else f" to {function.most}"
        raise ExpressionError(
            f"{node.function}() takes {function.least}{most} values, what stands before the dot being the first",
            text,
            node.at,
        )


def _check_constants(node: Call, text: str) -> None:
    last = node.arguments[-1] if len(node.arguments) > 1 else None
    if not isinstance(last, Literal) or not isinstance(last.value, str):
        return
    try:
        if node.function == "matches":
            compile_pattern(last.value)
        elif node.function.startswith("get"):
            zone(last.value)
    except (PatternError, EvalError) as exc:
        raise ExpressionError(str(exc), text, last.at) from exc


def _may_ask(node: Node) -> bool:
    match node:
        case Literal():
            return node.value is None or isinstance(node.value, bool)
        case ListOf() | MapOf():
            return False
        case Unary():
            return node.operator == "!"
        case Binary():
            return node.operator in code.ASKING
        case Call():
            return FUNCTIONS[node.function].asks or node.function in ("bool", "dyn")
        case Macro():
            return node.macro not in ("map", "filter")
        case Conditional():
            return _may_ask(node.then) and _may_ask(node.otherwise)
        case _:
            return True
