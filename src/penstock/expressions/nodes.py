"""What an expression is made of, as the parser gives it. `at` is where it stands in the text."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the text, or was worked out from such."""

    at: int
    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    """A field of the event, the whole event, a type, or the variable of a macro."""

    at: int
    name: str


@dataclass(frozen=True, slots=True)
class Select:
    """`operand.name`."""

    at: int
    operand: "Node"
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """`operand[index]`."""

    at: int
    operand: "Node"
    index: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the library; `a.f(b)` and `f(a, b)` are the same."""

    at: int
    function: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """`!` or `-`."""

    at: int
    operator: str
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic, comparison or `in`."""

    at: int
    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Logic:
    """`&&` or `||` of two or more."""

    at: int
    operator: str
    operands: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Conditional:
    """`test ? then : otherwise`."""

    at: int
    test: "Node"
    then: "Node"
    otherwise: "Node"


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[a, b]`."""

    at: int
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class MapOf:
    """`{key: value}`."""

    at: int
    keys: tuple["Node", ...]
    values: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Has:
    """`has(a.b)`."""

    at: int
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Macro:
    """`operand.all(variable, body)` and its like; `filter` of the three-argument `map` comes first."""

    at: int
    macro: str
    operand: "Node"
    variable: str
    body: tuple["Node", ...]


Node = (
    Literal
    | Name
    | Select
    | Index
    | Call
    | Unary
    | Binary
    | Logic
    | Conditional
    | ListOf
    | MapOf
    | Has
    | Macro
)


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node, from left to right."""
    match node:
        case Literal() | Name():
            return ()
        case Select() | Unary() | Has():
            return (node.operand,)
        case Index():
            return (node.operand, node.index)
        case Call():
            return node.arguments
        case Binary():
            return (node.left, node.right)
        case Logic():
            return node.operands
        case Conditional():
            return (node.test, node.then, node.otherwise)
        case ListOf():
            return node.items
        case MapOf():
            return (*node.keys, *node.values)
        case Macro():
            return (node.operand, *node.body)


def walk(node: Node) -> Iterator[tuple[Node, int]]:
    """Every node below and with this one, and how deep it is, without recursion."""
    waiting = [(node, 1)]
    while waiting:
        one, depth = waiting.pop()
        yield one, depth
        waiting += [(child, depth + 1) for child in children(one)]
