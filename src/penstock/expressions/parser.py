"""Reads an expression: precedence and grammar are CEL's, the Common Expression Language's.

<https://github.com/google/cel-spec/blob/master/doc/langdef.md>
"""

from typing import Final

from penstock.expressions.errors import ExpressionError
from penstock.expressions.lexer import Token, tokens
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
    walk,
)
from penstock.expressions.values import MAX_INT

DEEPEST: Final = 64
"""Levels of nesting, of brackets and of operators."""

_BINDS: Final = {
    "||": 2, "&&": 3, "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "in": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip
_WORDS: Final = {"true": True, "false": False, "null": None}
_MACROS: Final = {
    "all": (2,),
    "exists": (2,),
    "exists_one": (2,),
    "existsOne": (2,),
    "filter": (2,),
    "map": (2, 3),
}
_IN_WORDS: Final = {"and": "&&", "or": "||", "not": "!", "AND": "&&", "OR": "||", "NOT": "!"}


def parse(text: str) -> Node:
    """The tree of this expression. Raises `ExpressionError`."""
    reader = _Reader(text)
    node = reader.expression()
    reader.expect_end()
    for inner, depth in walk(node):
        if depth > DEEPEST:
            raise ExpressionError(f"is nested more than {DEEPEST} levels deep", text, inner.at)
    return node


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._index = 0
        self._depth = 0

    def expression(self) -> Node:
        """Down to the ternary, which binds least."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error(f"is nested more than {DEEPEST} levels deep")
        test = self._operators(0)
        if mark := self._take("?"):
            then = self._operators(0)
            self._expect(":", "after ? and a value")
            test = Conditional(mark.at, test, then, self.expression())
        self._depth -= 1
        return test

    def expect_end(self) -> None:
        """Nothing may follow."""
        token = self._next
        if token.kind == "end":
            return
        if token.text in _IN_WORDS:
            raise self._error(f"{token.text} is no operator: write {_IN_WORDS[token.text]}")
        raise self._error(f"{token.text} is not expected here")

    def _operators(self, least: int) -> Node:
        left = self._unary()
        while (binds := _BINDS.get(self._next.text, 0)) > least and self._next.kind in ("operator", "name"):
            token = self._advance()
            right = self._operators(binds)
            if token.text in ("&&", "||"):
                left = _logic(token, left, right)
            else:
                left = Binary(token.at, token.text, left, right)
        return left

    def _unary(self) -> Node:
        token = self._next
        if token.kind != "operator" or token.text not in ("!", "-"):
            return self._members(self._primary())
        self._advance()
        if token.text == "-" and type(self._next.value) in (int, float):
            number = self._advance()
            return self._members(Literal(token.at, -number.value))
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error(f"is nested more than {DEEPEST} levels deep")
        operand = self._unary()
        self._depth -= 1
        return Unary(token.at, token.text, operand)

    def _members(self, node: Node) -> Node:
        while True:
            if dot := self._take("."):
                node = self._member(dot, node)
            elif bracket := self._take("["):
                index = self.expression()
                self._expect("]", "after the index")
                node = Index(bracket.at, node, index)
            else:
                return node

    def _member(self, dot: Token, operand: Node) -> Node:
        token = self._advance()
        if token.kind == "escaped":
            return Select(dot.at, operand, token.value)
        if token.kind != "name":
            raise ExpressionError("a name is missing after the dot", self._text, token.at)
        if not self._take("("):
            return Select(dot.at, operand, token.text)
        arguments = self._list(")")
        if len(arguments) in _MACROS.get(token.text, ()):
            return self._macro(token, operand, arguments)
        return Call(token.at, token.text, (operand, *arguments))

    def _macro(self, token: Token, operand: Node, arguments: tuple[Node, ...]) -> Node:
        variable, *body = arguments
        if not isinstance(variable, Name):
            raise ExpressionError(
                f"{token.text}() takes a name for the element first", self._text, variable.at
            )
        name = "exists_one" if token.text == "existsOne" else token.text
        return Macro(token.at, name, operand, variable.name, tuple(body))

    def _primary(self) -> Node:
        token = self._advance()
        if token.kind == "value":
            if type(token.value) is int and token.value > MAX_INT:
                raise ExpressionError("is more than an int can be (64 bits)", self._text, token.at)
            return Literal(token.at, token.value)
        if token.kind == "escaped":
            return Name(token.at, token.value)
        if token.kind == "name":
            return self._named(token)
        if token.text == "(":
            inner = self.expression()
            self._expect(")", "to close the (")
            return inner
        if token.text == "[":
            return ListOf(token.at, self._list("]"))
        if token.text == "{":
            return self._map(token)
        if token.text == "." and self._next.kind == "name":  # CEL's way to name the outermost scope
            return self._primary()
        what = "ends too early" if token.kind == "end" else f"{token.text} is not expected here"
        raise ExpressionError(what, self._text, token.at)

    def _named(self, token: Token) -> Node:
        if token.text in _WORDS:
            return Literal(token.at, _WORDS[token.text])
        if token.text == "in":
            raise ExpressionError(
                'in is an operator: a field of that name is event["in"]', self._text, token.at
            )
        if not self._take("("):
            return Name(token.at, token.text)
        arguments = self._list(")")
        if token.text != "has":
            return Call(token.at, token.text, arguments)
        if len(arguments) != 1 or not isinstance(arguments[0], Name | Select | Index):
            raise ExpressionError("has() takes one field, as in has(user.name)", self._text, token.at)
        return Has(token.at, arguments[0])

    def _list(self, closing: str) -> tuple[Node, ...]:
        items: list[Node] = []
        while not self._take(closing):
            items.append(self.expression())
            if not self._take(","):
                self._expect(closing, "or a comma")
                break
        return tuple(items)

    def _map(self, opening: Token) -> Node:
        keys: list[Node] = []
        values: list[Node] = []
        while not self._take("}"):
            keys.append(self.expression())
            self._expect(":", "after the key")
            values.append(self.expression())
            if not self._take(","):
                self._expect("}", "or a comma")
                break
        return MapOf(opening.at, tuple(keys), tuple(values))

    @property
    def _next(self) -> Token:
        return self._tokens[self._index]

    def _advance(self) -> Token:
        token = self._tokens[self._index]
        self._index = min(self._index + 1, len(self._tokens) - 1)
        return token

    def _take(self, operator: str) -> Token | None:
        token = self._next
        return self._advance() if token.kind == "operator" and token.text == operator else None

    def _expect(self, operator: str, why: str) -> None:
        if not self._take(operator):
            raise self._error(f"{operator} is missing, {why}")

    def _error(self, what: str) -> ExpressionError:
        return ExpressionError(what, self._text, self._next.at)


def _logic(token: Token, left: Node, right: Node) -> Node:
    """Long chains lie flat: a hundred alternatives are one node."""
    before = left.operands if isinstance(left, Logic) and left.operator == token.text else (left,)
    return Logic(token.at, token.text, (*before, right))
