"""What goes wrong with an expression: when it is read, and when it meets an event."""

from typing import Final

_SHOWN: Final = 90
"""Characters of the line that are shown, the wrong one among them."""


class ExpressionError(ValueError):
    """A text is no expression. The message shows its line, with a caret below the character."""

    def __init__(self, what: str, text: str, at: int) -> None:
        """`at` is the index in `text` of the first character that is wrong."""
        self.what = what
        self.line = text.count("\n", 0, at) + 1
        start = text.rfind("\n", 0, at) + 1
        self.column = at - start + 1
        end = text.find("\n", start)
        shown = text[start : end if end >= 0 else len(text)]
        skip = max(0, self.column - _SHOWN * 2 // 3)
        before = "".join("\t" if char == "\t" else " " for char in shown[skip : self.column - 1])
        shown = "".join(char if char.isprintable() or char == "\t" else "?" for char in shown)
        super().__init__(
            f"{what} (line {self.line}, column {self.column})\n  {shown[skip : skip + _SHOWN]}\n  {before}^"
        )


class EvalError(ValueError):
    """An expression cannot be worked out for this event, mostly as a field is of another type."""
