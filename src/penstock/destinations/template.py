"""Text with fields of the event in it, and its date: `logs-{service}-%Y.%m.%d`."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator

from penstock.block import Batch
from penstock.columns import as_text

_PART: Final = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}|%(.?)|([{}])|([^{}%]+)", re.DOTALL)
_ODD: Final = re.compile(r'["\\\x00-\x1f]')
_CODES: Final = "YmdHMGVuwjy"
"""Of strftime, those that make sense in a name: all are in UTC."""
_MOST_DATES: Final = 1024


class Template:
    """`{field}` and `{outer.inner}` stand for a field, `{field|text}` says what stands where the event has none.

    `%Y %m %d %H %M %j %y %G %V %u %w` stand for parts of the event's time in UTC, `%%` for a percent sign.
    """

    def __init__(self, text: str) -> None:
        """Raises `ValueError` and says where."""
        self.text = text
        self._parts: list[str | tuple[int, str | None]] = []
        paths: list[str] = []
        date = ""
        for match in _PART.finditer(text):
            path, default, code, stray, plain = match.groups()
            if stray is not None:
                raise ValueError(f"{stray!r} at character {match.start() + 1} has no other: write {{field}}")
            if path is not None:
                if not path or _ODD.search(path):
                    raise ValueError(f"names no field at character {match.start() + 1}: write {{field}}")
                self._end_date(date)
                date = ""
                if path not in paths:
                    paths.append(path)
                self._parts.append((paths.index(path), default))
            elif code is not None:
                if not code or code not in _CODES + "%":
                    raise ValueError(
                        f"%{code} at character {match.start() + 1} is not known: take %Y %m %d %H, or %%"
                    )
                date += f"%{code}"
            else:
                date += plain
        self._end_date(date)
        self.paths = tuple(paths)
        """The fields it needs, to be read by `Columns`."""
        self.dated = any(isinstance(part, str) and _has_code(part) for part in self._parts)
        """It needs the event's time."""
        self.fixed: str | None = None
        """The whole text, where it is the same for all events."""
        if not self.paths and not self.dated:
            self.fixed = "".join([_percent(part) for part in self._parts if isinstance(part, str)])
        self._dates: dict[tuple[int, int], str] = {}

    def fill(
        self, batch: Batch, columns: Sequence[Sequence[Any]], times: Sequence[float]
    ) -> list[str | None]:
        """The text for each event; none where it lacks a field for which there is no other text.

        `columns` are the values of `paths`, `times` seconds since the epoch (empty will do where it is not `dated`).
        """
        if self.fixed is not None:
            return [self.fixed] * batch.count
        parts: list[list[str | None]] = []
        for number, part in enumerate(self._parts):
            if isinstance(part, str):
                dated = _has_code(part)
                parts.append(self._dates_of(number, part, times) if dated else [_percent(part)] * batch.count)
            else:
                column, default = part
                parts.append([_text(value) or default for value in columns[column]])
        if len(parts) == 1:
            return parts[0]
        return [None if None in texts else "".join(texts) for texts in zip(*parts, strict=True)]

    def _dates_of(self, number: int, part: str, times: Sequence[float]) -> list[str | None]:
        first, last = int(min(times) // 60), int(max(times) // 60)  # no code is finer
        if first == last:
            return [self._date(number, part, first)] * len(times)
        return [self._date(number, part, int(time // 60)) for time in times]

    def _date(self, number: int, part: str, minute: int) -> str:
        text = self._dates.get((number, minute))
        if text is None:
            if len(self._dates) >= _MOST_DATES:
                self._dates.clear()
            text = self._dates[number, minute] = datetime.fromtimestamp(minute * 60, UTC).strftime(part)
        return text

    def _end_date(self, date: str) -> None:
        if date:
            self._parts.append(date)


def _text(value: Any) -> str | None:
    return value if type(value) is str else as_text(value)


def _has_code(part: str) -> bool:
    return "%" in part.replace("%%", "")


def _percent(part: str) -> str:
    return part.replace("%%", "%")


def _readable(text: str) -> str:
    Template(text)
    return text


TemplateText = Annotated[str, AfterValidator(_readable)]
"""A template in the configuration."""
