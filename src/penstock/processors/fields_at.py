"""Where a field is in a decoded event: `context.request_id`, found as it is named or inside objects."""

from typing import Any

from penstock.processors.events import Event


class Place:
    """One field by its path. A field whose own name holds the dots is found as well, and comes first."""

    __slots__ = ("_inner", "_outer", "name", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self._outer = path.split(".")[:-1]
        self._inner = path.rsplit(".", maxsplit=1)[-1]
        self.name = self._inner
        """Its key in the object that `within` has found last."""

    def within(self, event: Event) -> dict[str, Any] | None:
        """The object that has the field, under the key `name`; none where there is no such field."""
        if not self._outer:
            return event if self._inner in event else None
        if self.path in event:
            self.name = self.path
            return event
        found: Any = event
        for name in self._outer:
            found = found.get(name)
            if not isinstance(found, dict):
                return None
        self.name = self._inner
        return found if self._inner in found else None

    def make(self, event: Event) -> dict[str, Any]:
        """The object into which the field is to be put, under the key `name`; what is missing on the way is made.

        What is in the way and no object goes.
        """
        if not self._outer or self.path in event:
            self.name = self.path
            return event
        found = event
        for name in self._outer:
            inner = found.get(name)
            if not isinstance(inner, dict):
                inner = found[name] = {}
            found = inner
        self.name = self._inner
        return found
