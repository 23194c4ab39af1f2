"""The id that an event carries in a field of its own, wherever a service has put the event."""

from typing import Any, Final

import msgspec

_INSIDE: Final = ("event", "message", "_source")
"""Where services keep the event itself: Splunk, CloudWatch and Datadog (as text, too), Elasticsearch."""
_DEPTH: Final = 2
"""How far down it is looked for."""

_text: Final = msgspec.json.Decoder(str)
_NOTHING: Final = msgspec.Raw(b"")


class EventId:
    """Finds the field of this name, in an event as JSON or in the event within it."""

    def __init__(self, name: str) -> None:
        self._names = [name, *(inside for inside in _INSIDE if inside != name)]
        fields: list[Any] = [(f"f{at}", msgspec.Raw, _NOTHING) for at in range(len(self._names))]
        rename = {f"f{at}": called for at, called in enumerate(self._names)}
        self._decoder = msgspec.json.Decoder(msgspec.defstruct("Event", fields, rename=rename, gc=False))

    def __call__(self, event: bytes, depth: int = _DEPTH) -> str:
        """The id; empty where there is none that is text or a whole number."""
        try:
            found, *inner = msgspec.structs.astuple(self._decoder.decode(event))
            if found:
                return _as_text(bytes(found))
            for raw in inner if depth else ():
                value = bytes(raw)
                if value[:1] == b'"' and b"{" in value:
                    value = _text.decode(value).encode()
                if value[:1] == b"{" and (text := self(value, depth - 1)):
                    return text
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            pass  # a service may accept what is no JSON: such an event has no id
        return ""


def _as_text(raw: bytes) -> str:
    if raw[:1] == b'"':
        return _text.decode(raw)
    return raw.decode() if raw.lstrip(b"-").isdigit() else ""
