"""What a name in an expression stands for: a field of the event, the event itself, a type."""

from collections.abc import Mapping, Sequence
from typing import Final

from penstock.expressions.nodes import Binary, Call, Index, Literal, Name, Node, Select
from penstock.expressions.values import KINDS

WHOLE: Final = "event"
"""The name of the event as a whole."""
_ODD: Final = frozenset('"\\' + "".join(map(chr, range(32))))


def path_of(node: Node, local: Mapping[str, str]) -> str | None:
    """The path of the field that this is, as `Columns` take it; none where it is none, or has to be looked for."""
    names: list[str] = []
    while True:
        match node:
            case Select():
                names.append(node.name)
                node = node.operand
            case Index(index=Literal(value=str(name))) if name and not set(name) & _ODD:
                names.append(name)
                node = node.operand
            case Name(name=name) if name not in local:
                if name != WHOLE:
                    names.append(name)
                break
            case _:
                return None
    if len(names) > 1 and any("." in name for name in names):
        return None  # a["b.c"] is no a.b.c, whose dots all go into objects
    return ".".join(reversed(names)) if names else None


def kinds_of(node: Binary) -> Sequence[Node]:
    """The sides that name a type: those beside `type(…)`. Elsewhere `int` or `string` is a field like any other."""
    sides = (node.left, node.right)
    if not any(isinstance(side, Call) and side.function == "type" for side in sides):
        return ()
    return [side for side in sides if isinstance(side, Name) and side.name in KINDS]
