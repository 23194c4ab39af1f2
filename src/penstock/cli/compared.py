"""Events that were wanted beside those that came: what differs, field by field."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import msgspec


def differences(wanted: Sequence[Any], got: Sequence[Any], *, partly: bool = False) -> Iterator[str]:
    """A line for each. All values are as JSON has them; `partly`: what came may have more fields.

    Events that are as they should be are matched first, so that one too many does not make all behind it differ.
    """
    ours = [_first(wanted, one, partly=partly) for one in wanted]
    theirs = [_first(wanted, one, partly=partly) for one in got]
    for _, begin, end, first, last in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        both = min(end - begin, last - first)
        for offset in range(both):
            for line in _compared("", wanted[begin + offset], got[first + offset], partly=partly):
                yield f"event {begin + offset + 1}: {line}"
        for event in wanted[begin + both : end]:
            yield f"did not come: {_shown(event)}"
        for event in got[first + both : last]:
            yield f"came as well: {_shown(event)}"


def _first(wanted: Sequence[Any], event: Any, *, partly: bool) -> int:
    """The number of the first that it is what was wanted for, -1: of none."""
    for number, one in enumerate(wanted):
        if next(_compared("", one, event, partly=partly), None) is None:
            return number
    return -1


def _compared(path: str, wanted: Any, got: Any, *, partly: bool) -> Iterator[str]:
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        for name, value in wanted.items():
            below = f"{path}.{name}" if path else str(name)
            if name not in got:
                yield f"{below} is missing, wanted {_shown(value)}"
            else:
                yield from _compared(below, value, got[name], partly=partly)
        for name in got if not partly else ():
            if name not in wanted:
                yield f"{f'{path}.{name}' if path else name} is {_shown(got[name])}, wanted nothing"
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for number, (one, other) in enumerate(zip(wanted, got, strict=True)):
            yield from _compared(f"{path}.{number}", one, other, partly=partly)
    elif not _same(wanted, got):
        yield f"{path or 'it'} is {_shown(got)}, wanted {_shown(wanted)}"


def _same(wanted: Any, got: Any) -> bool:
    """The same number, be it written 1 or 1.0; else the same kind too: to Python true is 1."""
    return bool(wanted == got) and (type(wanted) is type(got) or (_number(wanted) and _number(got)))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    return msgspec.json.encode(value).decode()
