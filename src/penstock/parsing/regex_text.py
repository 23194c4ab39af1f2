"""Texts by regular expressions with named groups."""

from collections.abc import Sequence

from penstock.parsing.base import Fields, OneByOne
from penstock.parsing.values import NO_CASTS, Casts
from penstock.regex import compile_pattern


class RegexText(OneByOne):
    """The first of the patterns that is found anywhere in a text gives its fields: the groups that took part.

    Values are text, but where `casts` says else.
    """

    def __init__(
        self, patterns: Sequence[str], casts: Casts = NO_CASTS, *, ignore_case: bool = False
    ) -> None:
        """Raises `ValueError` for what is no pattern, and says where."""
        self._patterns = [compile_pattern(text, ignore_case=ignore_case) for text in patterns]
        for pattern in self._patterns:
            if not pattern.names:
                raise ValueError(
                    f"{pattern.text!r} has no named group, so it gives no field: write (?P<name>…)"
                )
        self._casts = casts

    def parse(self, text: str, received: float) -> Fields | None:
        for pattern in self._patterns:
            found = pattern.search(text)
            if found is not None:
                fields: Fields = dict(found.groupdict())
                self._casts.apply(fields, received)
                return fields
        return None
