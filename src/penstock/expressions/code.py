"""Writes the Python of an expression: names of our own and constants only, nothing of what stood in the text.

Twice: once for speed, with Python's own `and` and `or`; once for the case that a part of it fails, where the other
side of `&&` or `||` may still decide, in either order.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from penstock.expressions import macros, operators
from penstock.expressions.errors import EvalError
from penstock.expressions.library import FUNCTIONS
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
)
from penstock.expressions.paths import kinds_of, path_of
from penstock.expressions.text import pattern_of
from penstock.expressions.values import KINDS, MISSING

_BINARY: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "==": operators.equal, "!=": operators.unequal, "<": operators.less, "<=": operators.less_or_equal,
    ">": operators.greater, ">=": operators.greater_or_equal, "in": operators.contained, "+": operators.add,
    "-": operators.subtract, "*": operators.multiply, "/": operators.divide, "%": operators.modulo,
}  # fmt: skip
ASKING: Final = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
_METHODS: Final = {
    "contains": "{1} in {0}",
    "startsWith": "{0}.startswith({1})",
    "endsWith": "{0}.endswith({1})",
    "matches": "{1}({0})",
}
_MACROS: Final[Mapping[tuple[str, int], Callable[..., Any]]] = {
    ("all", 1): macros.holds_for_all, ("exists", 1): macros.holds_for_any, ("exists_one", 1): macros.holds_for_one,
    ("filter", 1): macros.those_of, ("map", 1): macros.mapped, ("map", 2): macros.mapped_where,
}  # fmt: skip
_QUESTIONS: Final = frozenset({"all", "exists", "exists_one"})
_FEW: Final = 4
"""Texts in a list that are compared one by one; more are a set."""


class Writer:
    """Writes the code of nodes; `names` is what that code needs."""

    def __init__(self, fields: Mapping[str, str], *, careful: bool) -> None:
        """`fields` has the variable of each field; `careful` writes the second kind."""
        self.names: dict[str, Any] = {"MISSING": MISSING}
        self._fields = fields
        self._careful = careful
        self.loops = False
        """There is a loop, so the code needs `left`: the steps that it may still take."""
        self._loops: list[tuple[str, str]] = []
        self._temporaries = 0

    def write(self, node: Node) -> str:
        """An expression of Python."""
        match node:
            case Literal():
                return self._constant(node.value)
            case Name() | Select() | Index():
                return self._access(node)
            case Call():
                return self._call(node)
            case Unary():
                if node.operator == "!":
                    return f"(not {self.asked(node.operand)})"
                return self._use(operators.negate, self.write(node.operand))
            case Binary():
                return self._binary(node)
            case Logic():
                return self._logic(node)
            case Conditional():
                return (
                    f"({self.write(node.then)} if {self.asked(node.test)} else {self.write(node.otherwise)})"
                )
            case ListOf():
                return f"[{', '.join(map(self.write, node.items))}]"
            case MapOf():
                pairs = zip(map(self.write, node.keys), map(self.write, node.values), strict=True)
                return self._use(_map_of, f"[{', '.join(f'({key}, {value})' for key, value in pairs)}]")
            case Has():
                return f"({self._access(node.operand)} is not MISSING)"
            case Macro():
                return self._macro(node)

    def asked(self, node: Node) -> str:
        """The same where true or false is wanted."""
        code = self.write(node)
        return code if is_question(node) else self._use(operators.truth, code)

    def _access(self, node: Node) -> str:
        loop = dict(self._loops)
        if (path := path_of(node, loop)) is not None:
            return self._fields[path]
        match node:
            case Name():
                return loop[node.name] if node.name in loop else self._fields[""]
            case Select():
                return self._use(operators.select, self._access_or_write(node.operand), repr(node.name))
            case Index():
                return self._use(operators.at, self._access_or_write(node.operand), self.write(node.index))
            case _:
                return self.write(node)

    def _access_or_write(self, node: Node) -> str:
        return self._access(node) if isinstance(node, Name | Select | Index) else self.write(node)

    def _call(self, node: Call) -> str:
        function = FUNCTIONS[node.function]
        arguments = [self.write(argument) for argument in node.arguments]
        if arguments:
            arguments[0] = self._looked_at(node.arguments[0], arguments[0])
        general = self._use(function.call, *arguments)
        if not function.asks:
            general = self._built(general)
        shape = _METHODS.get(node.function)
        if (
            shape
            and isinstance(node.arguments[1], Literal)
            and isinstance(text := node.arguments[1].value, str)
        ):
            first, again = self._twice(arguments[0])
            general = self._use(function.call, again, arguments[1])
            asked = self._constant(pattern_of(text).test) if node.function == "matches" else arguments[1]
            return f"(({shape.format(again, asked)}) if {first}.__class__ is str else {general})"
        return general

    def _binary(self, node: Binary) -> str:
        if node.operator in ("==", "!=") and (kinds := kinds_of(node)):
            left, right = (
                self._constant(KINDS[side.name])
                if side in kinds and isinstance(side, Name)
                else self.write(side)
                for side in (node.left, node.right)
            )
            return self._use(_BINARY[node.operator], left, right)
        left, right = self.write(node.left), self.write(node.right)
        if quick := self._quick(node, left, right):
            return quick
        if node.operator not in ASKING:
            return self._built(self._use(_BINARY[node.operator], left, right))
        if node.operator == "in":
            right = self._looked_at(node.right, right)
        elif not isinstance(node.right, Literal):
            left = self._looked_at(node.left, left)
        return self._use(_BINARY[node.operator], left, right)

    def _looked_at(self, node: Node, code: str) -> str:
        """What a loop looks at takes its time again and again."""
        return (
            self._use(macros.looked_at, code, "left")
            if self._loops and not isinstance(node, Literal)
            else code
        )

    def _built(self, code: str) -> str:
        """What a loop builds takes memory again and again."""
        return self._use(macros.built, code, "left") if self._loops else code

    def _quick(self, node: Binary, left: str, right: str) -> str:
        """Code for what conditions mostly are: a field beside a constant."""
        if node.operator == "in":
            return self._quick_in(node, left)
        if not isinstance(node.right, Literal) or isinstance(node.left, Literal):
            return ""
        value, sign = node.right.value, node.operator
        if sign in ("==", "!="):
            if value is None:
                first, again = self._twice(left)
                return f"({'not ' if sign == '!=' else ''}({first} is None or {again} is MISSING))"
            if value.__class__ is bool:
                return f"({left} is {'not ' if sign == '!=' else ''}{value})"
            if value.__class__ is str:
                return f"({left} {sign} {right})"
        elif sign in ASKING and value.__class__ is int:
            first, again = self._twice(left)
            general = self._use(_BINARY[sign], again, right)
            return f"({again} {sign} {right} if {first}.__class__ is int else {general})"
        return ""

    def _quick_in(self, node: Binary, left: str) -> str:
        items = node.right.value if isinstance(node.right, Literal) else None
        if not isinstance(items, list) or not items:
            return ""
        if all(item.__class__ is int for item in items):
            first, again = self._twice(left)
            general = self._use(operators.contained, again, self._constant(items))
            return (
                f"({again} in {self._constant(frozenset(items))} if {first}.__class__ is int else {general})"
            )
        if not all(item.__class__ is str for item in items):
            return ""
        if len(items) <= _FEW:
            return f"({left} in {self._constant(tuple(items))})"
        first, again = self._twice(left)
        return f"({first}.__class__ is str and {again} in {self._constant(frozenset(items))})"

    def _logic(self, node: Logic) -> str:
        if self._careful:
            parts = ", ".join(f"lambda: {self.asked(operand)}" for operand in node.operands)
            return self._use(_any_holds if node.operator == "||" else _all_hold, f"({parts},)")
        word = " or " if node.operator == "||" else " and "
        return f"({word.join(map(self.asked, node.operands))})"

    def _macro(self, node: Macro) -> str:
        self.loops = True
        items = self.write(node.operand)
        variable = f"x{len(self._loops)}"
        self._loops.append((node.variable, variable))
        bodies = [f"lambda {variable}: {self.write(body)}" for body in node.body]
        self._loops.pop()
        return self._use(_MACROS[node.macro, len(bodies)], items, "left", *bodies)

    def _use(self, function: Callable[..., Any], *arguments: str) -> str:
        name = f"f_{function.__name__}"
        if self.names.setdefault(name, function) is not function:
            name = f"f_{len(self.names)}"
            self.names[name] = function
        return f"{name}({', '.join(arguments)})"

    def _constant(self, value: Any) -> str:
        if value is None or value.__class__ in (bool, int, str):
            return repr(value) if value.__class__ is not int or value >= 0 else f"({value})"
        name = f"c{len(self.names)}"
        self.names[name] = value
        return name

    def _twice(self, code: str) -> tuple[str, str]:
        """Code for the first use, which comes first when it runs, and for the others."""
        if code.isidentifier():
            return code, code
        self._temporaries += 1
        name = f"t{self._temporaries}"
        return f"({name} := {code})", name


def is_question(node: Node) -> bool:
    """Its value is true or false, whatever the event."""
    match node:
        case Literal():
            return isinstance(node.value, bool)
        case Unary():
            return node.operator == "!"
        case Binary():
            return node.operator in ASKING
        case Call():
            return FUNCTIONS[node.function].asks
        case Macro():
            return node.macro in _QUESTIONS
        case Conditional():
            return is_question(node.then) and is_question(node.otherwise)
        case _:
            return isinstance(node, Logic | Has)


def _map_of(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for key, value in pairs:
        if key.__class__ not in (str, int, bool) and not isinstance(key, int):
            raise EvalError("a key of a map is text, a whole number or a bool")
        if key in made:
            raise EvalError(f"the key {key!r} stands twice in a map")
        made[key] = value
    return made


def _any_holds(parts: Sequence[Callable[[], Any]]) -> bool:
    return _decided(parts, by=True)


def _all_hold(parts: Sequence[Callable[[], Any]]) -> bool:
    return _decided(parts, by=False)


def _decided(parts: Sequence[Callable[[], Any]], *, by: bool) -> bool:
    error: EvalError | None = None
    for part in parts:
        try:
            if bool(part()) is by:
                return by
        except EvalError as exc:
            error = error or exc
    if error is not None:
        raise error
    return not by
