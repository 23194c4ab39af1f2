r"""Structured data of RFC 5424, 6.3: `[id name="value" name="value"][id]`.

Within a value `\"`, `\\` and `\]` stand for the character; a backslash before anything else is one. A name that
stands twice gives a list, be it in one element or because its id comes again, which RFC 5424 forbids and some send.
"""

import re
from typing import Final

Elements = dict[str, dict[str, str | list[str]]]
"""By id, the parameters by name."""

_VALUE: Final = r'"(?:[^"\\]|\\.)*+"'
EXTENT: Final = r'(?:\[[^\]"\n]*+(?:"(?:[^"\\\n]|\\.)*+"[^\]"\n]*+)*+\])++'
"""Where elements end, well formed or not; on one line."""
_NAME: Final = r'[^\s=\]"\[]++'
_ELEMENT: Final = re.compile(rf"\[({_NAME})((?: ++{_NAME}={_VALUE})*+) *+\]", re.DOTALL)
_PARAMETER: Final = re.compile(rf"({_NAME})=({_VALUE})", re.DOTALL)


def parse(text: str, start: int = 0) -> tuple[Elements, int]:
    """The elements that begin at `start`, and where they end; with none, `start` itself."""
    found: Elements = {}
    while (element := _ELEMENT.match(text, start)) is not None:
        parameters = found.setdefault(element[1], {})
        for name, quoted in _PARAMETER.findall(element[2]):
            value = quoted[1:-1]
            if "\\" in value:
                value = _plain(value)
            _add(parameters, name, value)
        start = element.end()
    return found, start


def flat(elements: Elements) -> dict[str, str | list[str]]:
    """The parameters by `sd.ID.NAME`; an element without any as an empty `sd.ID`."""
    found: dict[str, str | list[str]] = {}
    for element, parameters in elements.items():
        if not parameters:
            _add(found, f"sd.{element}", "")
        for name, values in parameters.items():
            for value in [values] if isinstance(values, str) else values:
                _add(found, f"sd.{element}.{name}", value)
    return found


def _plain(value: str) -> str:
    """Without what escapes; pairs of backslashes first, as they are read from the left."""
    return "\\".join([part.replace('\\"', '"').replace("\\]", "]") for part in value.split("\\\\")])


def _add(parameters: dict[str, str | list[str]], name: str, value: str) -> None:
    before = parameters.get(name)
    if before is None:
        parameters[name] = value
    elif isinstance(before, list):
        before.append(value)
    else:
        parameters[name] = [before, value]
