"""The functions of text; an absent text makes a question false, and what would be built of it missing."""

from functools import lru_cache
from typing import Any

from penstock import regex
from penstock.expressions.errors import EvalError
from penstock.expressions.values import MISSING, MOST_ITEMS, MOST_TEXT, is_absent, kind_name


def contains(text: Any, part: Any) -> bool:
    """Of a text a part, of a list an element."""
    if text.__class__ is str and part.__class__ is str:
        return part in text
    return _asked("contains", text, part)


def starts_with(text: Any, part: Any) -> bool:
    """The text begins so."""
    if text.__class__ is str and part.__class__ is str:
        return bool(text.startswith(part))
    return _asked("startsWith", text, part)


def ends_with(text: Any, part: Any) -> bool:
    """The text ends so."""
    if text.__class__ is str and part.__class__ is str:
        return bool(text.endswith(part))
    return _asked("endsWith", text, part)


def matches(text: Any, pattern: Any) -> bool:
    """The RE2 pattern is found anywhere in the text."""
    if text.__class__ is str and pattern.__class__ is str:
        return pattern_of(pattern).test(text)
    return _asked("matches", text, pattern)


def lower(text: Any) -> Any:
    """All letters small."""
    return _short(text.lower()) if text.__class__ is str else _built("lower", text)


def upper(text: Any) -> Any:
    """All letters large."""
    return _short(text.upper()) if text.__class__ is str else _built("upper", text)


def lower_ascii(text: Any) -> Any:
    """A to Z small, other letters as they are."""
    if text.__class__ is not str:
        return _built("lowerAscii", text)
    return text.lower() if text.isascii() else "".join(c.lower() if c.isascii() else c for c in text)


def upper_ascii(text: Any) -> Any:
    """A to z large, other letters as they are."""
    if text.__class__ is not str:
        return _built("upperAscii", text)
    return text.upper() if text.isascii() else "".join(c.upper() if c.isascii() else c for c in text)


def trim(text: Any) -> Any:
    """Without white space at both ends."""
    return text.strip() if text.__class__ is str else _built("trim", text)


def split(text: Any, separator: Any, most: Any = -1) -> Any:
    """A list of its parts; `most` bounds how many."""
    if text.__class__ is not str:
        return _built("split", text)
    _need("split", str, separator)
    _need("split", int, most)
    if most == 0:
        return []
    if text.count(separator) >= MOST_ITEMS and not 0 < most <= MOST_ITEMS:
        raise EvalError("split() would make a list that is too long")
    if not separator:
        characters = list(text)
        return characters if not 0 < most < len(characters) else [*characters[: most - 1], text[most - 1 :]]
    return text.split(separator, most - 1 if most > 0 else -1)


def join(items: Any, separator: Any = "") -> Any:
    """One text of a list of texts."""
    if items.__class__ is not list:
        return _built("join", items)
    _need("join", str, separator, *items)
    if sum(map(len, items)) + len(separator) * len(items) > MOST_TEXT:
        raise EvalError("join() would build a string that is too long")
    return separator.join(items)


def replace(text: Any, old: Any, new: Any, most: Any = -1) -> Any:
    """Every `old` replaced by `new`, or so many of them from the left."""
    if text.__class__ is not str:
        return _built("replace", text)
    _need("replace", str, old, new)
    _need("replace", int, most)
    if (
        len(text) + (len(text) + 1) * len(new) > MOST_TEXT
        and len(text) + text.count(old) * len(new) > MOST_TEXT
    ):
        raise EvalError("replace() would build a string that is too long")
    return text.replace(old, new, most)


def substring(text: Any, start: Any, end: Any = None) -> Any:
    """From one index, counted from 0, up to another."""
    if text.__class__ is not str:
        return _built("substring", text)
    stop = len(text) if end is None else end
    _need("substring", int, start, stop)
    if not 0 <= start <= stop <= len(text):
        raise EvalError("substring() goes beyond the text")
    return text[start:stop]


def index_of(text: Any, part: Any, start: Any = 0) -> Any:
    """The index at which the part begins first; -1 where it is not there."""
    if text.__class__ is not str:
        return _built("indexOf", text)
    _need("indexOf", str, part)
    _need("indexOf", int, start)
    if not 0 <= start <= len(text):
        raise EvalError("indexOf() goes beyond the text")
    return text.find(part, start)


def last_index_of(text: Any, part: Any, last: Any = None) -> Any:
    """The index at which the part begins last; -1 where it is not there."""
    if text.__class__ is not str:
        return _built("lastIndexOf", text)
    _need("lastIndexOf", str, part)
    if last is None:
        return text.rfind(part)
    _need("lastIndexOf", int, last)
    if not 0 <= last <= len(text):
        raise EvalError("lastIndexOf() goes beyond the text")
    return text.rfind(part, 0, last + len(part))


def char_at(text: Any, index: Any) -> Any:
    """The character at that index; "" at the very end."""
    if text.__class__ is not str:
        return _built("charAt", text)
    _need("charAt", int, index)
    if not 0 <= index <= len(text):
        raise EvalError("charAt() goes beyond the text")
    return text[index : index + 1]


@lru_cache(maxsize=64)
def pattern_of(text: str) -> regex.Pattern:
    """The pattern, kept for the next time. Raises `EvalError`."""
    try:
        return regex.compile_pattern(text)
    except regex.PatternError as exc:
        raise EvalError(f"matches(): {exc}") from exc


def _asked(name: str, text: Any, part: Any) -> bool:
    if is_absent(text) or is_absent(part):
        return False
    hint = f": write {kind_name(part)} in list" if text.__class__ is list else ""
    raise EvalError(f"{name}() does not take {kind_name(text)} and {kind_name(part)}{hint}")


def _built(name: str, text: Any) -> Any:
    if is_absent(text):
        return MISSING
    raise EvalError(f"{name}() does not take {kind_name(text)}")


def _need(name: str, kind: type, *values: Any) -> None:
    for value in values:
        if value.__class__ is not kind:
            raise EvalError(f"{name}() does not take {kind_name(value)} there")


def _short(text: str) -> str:
    if len(text) > MOST_TEXT:
        raise EvalError("would build a string that is too long")
    return text
