"""Objects within events as names with a separator in them, and back."""

from typing import Any, Final

from penstock.processors.events import Event

DEEPEST: Final = 64
"""Names with more parts are left as they are."""


def flatten(event: Event, separator: str) -> None:
    """Objects become fields of the event; an empty object and lists stay. Of two of one name the first stays."""
    if not any(isinstance(value, dict) and value for value in event.values()):
        return
    flat: dict[str, Any] = {}
    waiting = [(name, value) for name, value in reversed(event.items())]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict) and value:
            waiting += [(f"{name}{separator}{inner}", item) for inner, item in reversed(value.items())]
        else:
            flat.setdefault(name, value)
    event.clear()
    event.update(flat)


def nest(event: Event, separator: str) -> None:
    """Names with the separator in them become objects; where a value is in the way the name stays as it is."""
    for name in [name for name in event if separator in name]:
        parts = name.split(separator)
        if all(parts) and len(parts) <= DEEPEST and (inner := _object(event, parts[:-1])) is not None:
            inner.setdefault(parts[-1], event.pop(name))


def _object(event: Event, names: list[str]) -> dict[str, Any] | None:
    found: dict[str, Any] = event
    for name in names:
        inner = found.get(name)
        if inner is not None and not isinstance(inner, dict):
            return None
        found = inner if isinstance(inner, dict) else {}
    found = event
    for name in names:
        found = found.setdefault(name, {})
    return found
