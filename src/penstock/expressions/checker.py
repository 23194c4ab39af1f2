"""Finds what cannot be meant: types that never go together.

A field may hold anything, so only what stands in the text is held against it: `size(tags) > "3"` is a mistake
whatever the event.
"""

from typing import Final

from penstock.expressions.errors import ExpressionError
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
from penstock.expressions.paths import WHOLE, kinds_of
from penstock.expressions.signatures import FUNCTIONS, NUMBERS, OPERATORS
from penstock.expressions.values import UInt

_KINDS: Final[dict[type, str]] = {
    bool: "bool", int: "int", UInt: "uint", float: "double", str: "string", bytes: "bytes", type(None): "null",
}  # fmt: skip
_IN_STRING: Final = ": write text.contains(part)"


def check(node: Node, text: str) -> str:
    """The type of the result, empty where it depends on the event. Raises `ExpressionError`."""
    return _Checker(text).kind(node)


class _Checker:
    def __init__(self, text: str) -> None:
        self._text = text
        self._variables: list[str] = []

    def kind(self, node: Node) -> str:
        match node:
            case Literal(value=value):
                return _KINDS[type(value)]
            case Name(name=name) if name in self._variables:
                return ""
            case Name(name=name):
                return "map" if name == WHOLE else ""
            case Macro():
                return self._macro(node)
            case Call():
                return self._call(node)
            case Binary():
                return self._binary(node)
            case Unary():
                return self._unary(node)
            case Logic() | Conditional():
                return self._conditions(node)
            case Select() | Index():
                return self._access(node)
            case ListOf() | MapOf() | Has():
                for child in children(node):
                    self.kind(child)
                return "list" if isinstance(node, ListOf) else "map" if isinstance(node, MapOf) else "bool"

    def _access(self, node: Select | Index) -> str:
        kind = self.kind(node.operand)
        if isinstance(node, Index):
            self.kind(node.index)
        if kind not in ("", "map", "null") and not (isinstance(node, Index) and kind == "list"):
            hint = ": write text.charAt(0)" if kind == "string" else ""
            raise self._error(f"{kind} has no fields and no elements{hint}", node)
        return ""

    def _conditions(self, node: Logic | Conditional) -> str:
        if isinstance(node, Logic):
            for operand in node.operands:
                self._bool(operand, f"{node.operator} takes conditions")
            return "bool"
        self._bool(node.test, "? takes a condition")
        then, otherwise = self.kind(node.then), self.kind(node.otherwise)
        return then if then == otherwise else ""

    def _bool(self, node: Node, what: str) -> None:
        kind = self.kind(node)
        if kind not in ("", "bool"):
            raise self._error(f"{what}, and this is {kind}", node)

    def _unary(self, node: Unary) -> str:
        if node.operator == "!":
            self._bool(node.operand, "! takes a condition")
            return "bool"
        kind = self.kind(node.operand)
        if kind not in ("", "int", "double", "duration"):
            raise self._error(f"- does not take {kind}", node)
        return kind

    def _binary(self, node: Binary) -> str:
        if node.operator in ("==", "!=") and kinds_of(node):  # type(x) == int
            return "bool"
        left, right = self.kind(node.left), self.kind(node.right)
        operator = node.operator
        if operator in ("==", "!="):
            numbers = left in NUMBERS and right in NUMBERS
            if left and right and left != right and not numbers and "null" not in (left, right):
                raise self._error(
                    f"{operator} compares {left} with {right}, which are never equal", node, _whole_hint(node)
                )
            return "bool"
        if operator == "in":
            if right not in ("", "list", "map"):
                hint = _IN_STRING if right == "string" else ""
                raise self._error(f"in looks into a list or a map, not {right}{hint}", node)
            return "bool"
        overloads = OPERATORS[operator]
        fitting = {result for (a, b), result in overloads.items() if left in ("", a) and right in ("", b)}
        if not fitting:
            known = f"{left} and {right}" if left and right else left or right
            raise self._error(f"{operator} does not take {known}", node, _whole_hint(node))
        return fitting.pop() if len(fitting) == 1 else ""

    def _call(self, node: Call) -> str:
        kinds = [self.kind(argument) for argument in node.arguments]
        if node.function not in FUNCTIONS:
            return ""  # whoever compiles the call says so
        parameters, gives = FUNCTIONS[node.function]
        for argument, kind, takes in zip(node.arguments, kinds, parameters, strict=False):
            if kind not in ("", "null") and takes and kind not in takes:
                hint = ": write part in list" if (node.function, kind) == ("contains", "list") else ""
                listed = " or ".join(sorted(takes))
                raise self._error(f"{node.function}() takes {listed} here, not {kind}{hint}", argument)
        return gives

    def _macro(self, node: Macro) -> str:
        kind = self.kind(node.operand)
        if kind not in ("", "list", "map"):
            raise self._error(f"{node.macro}() goes through a list or a map, not {kind}", node)
        self._variables.append(node.variable)
        *conditions, last = node.body
        for condition in conditions:
            self._bool(condition, f"{node.macro}() takes a condition")
        if node.macro == "map":
            self.kind(last)
        else:
            self._bool(last, f"{node.macro}() takes a condition")
        self._variables.pop()
        return "list" if node.macro in ("map", "filter") else "bool"

    def _error(self, what: str, node: Node, hint: str = "") -> ExpressionError:
        return ExpressionError(f"{what}{hint}", self._text, node.at)


def _whole_hint(node: Binary) -> str:
    sides = (node.left, node.right)
    if any(isinstance(side, Name) and side.name == WHOLE for side in sides):
        return ': event is the whole event, event["event"] a field of that name'
    return ""
