"""Takes the text of a field apart: its parts become fields of the event."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from penstock.fields import FieldName
from penstock.parsing.base import Fields
from penstock.processors.base import Processor, ProcessorContext
from penstock.processors.events import Event, Events
from penstock.processors.fields_at import Place
from penstock.processors.on_error import no_dead_letters
from penstock.processors.parse_examples import EXAMPLES
from penstock.processors.parse_options import Format, ParseOptions


class ParseSettings(ParseOptions):
    """Takes the text of a field apart: JSON, logfmt, CSV, syslog, logs of servers and containers, patterns of your own.

    An event without that field, or with something else than text in it, goes on as it is.
    """

    type: Literal["parse"]
    format: Format
    """How the text is written. `access_log` is Apache's common and combined log and nginx's own; `docker` and `cri` are
    lines as container runtimes keep them; `timestamp` is a text that is a time and nothing else."""
    field: Annotated[str, Field(min_length=1)] = "message"
    """Where the text is; a dot goes into an object."""
    target: str = ""
    """The field that takes what was found, as an object; empty: all goes to the top of the event."""
    keep: bool = True
    """The text stays where it is, but for a field of its name that was found in it."""
    existing: Literal["replace", "keep"] = "replace"
    """What becomes of fields that the event has already. `keep`: they stay, and what was found under their names goes."""
    on_failure: Literal["mark", "keep", "drop", "dead_letter"] = "mark"
    """What becomes of an event whose text has another format: it stays as it was, with a mark or without; it goes; or it
    goes to the dead letters. It is counted as an error either way."""
    mark: Annotated[FieldName, Field(min_length=1)] = "parse_error"
    """The field that marks such an event; its value is the name of the format."""
    max_length: Annotated[int, Field(ge=1)] = 65536
    """Characters of a text at most: a longer one is not looked at, and counts as one of another format."""

    shown = EXAMPLES

    def misplaced(self) -> str:
        return super().misplaced() or no_dead_letters(self.on_failure, "on_failure is mark, keep or drop")

    def build(self, context: ProcessorContext) -> Processor:
        return Parse(self)


class Parse:
    """See `ParseSettings`."""

    def __init__(self, settings: ParseSettings) -> None:
        self._settings = settings
        self._parser = settings.parser()
        self._field = Place(settings.field)
        self._target = Place(settings.target) if settings.target else None
        self._nested = "." in settings.field
        self._numbers = settings.format == "timestamp"
        self._replace = settings.existing == "replace"

    def process(self, events: Events) -> None:
        rows = events.read()
        texts = self._texts(rows)
        found = self._parsed(texts, events.arrived)
        failed = [index for index, text in enumerate(texts) if text is not None and found[index] is None]
        if len(failed) < len(texts) - texts.count(None):
            for event, fields in zip(events.edit(), found, strict=True):
                if fields is not None:
                    self._put(event, fields)
        if failed:
            self._fail(events, failed)

    def _texts(self, rows: Sequence[Event]) -> list[str | None]:
        """Of each event the text; none where it has none."""
        values = (
            [self._value(event) for event in rows]
            if self._nested
            else [e.get(self._field.path) for e in rows]
        )
        if self._numbers:
            values = [f"{v:.9f}" if type(v) is float else str(v) if type(v) is int else v for v in values]
        return [value if type(value) is str else None for value in values]

    def _value(self, event: Event) -> object:
        inner = self._field.within(event)
        return None if inner is None else inner[self._field.name]

    def _parsed(self, texts: Sequence[str | None], received: float) -> list[Fields | None]:
        most = self._settings.max_length
        wanted = [text for text in texts if text is not None and len(text) <= most]
        parsed = self._parser.parse_all(wanted, received)
        if len(wanted) == len(texts):
            return parsed
        ahead = iter(parsed)
        return [None if text is None or len(text) > most else next(ahead) for text in texts]

    def _put(self, event: Event, fields: Fields) -> None:
        source = self._field.within(event)
        if source is not None and (not self._settings.keep or (self._target is None and not self._nested)):
            name = self._field.name
            if not self._settings.keep or name in fields:
                del source[name]
        into = event
        if self._target is not None:
            holder = self._target.make(event)
            there = holder.get(self._target.name)
            if not isinstance(there, dict):
                if there is None or self._replace:
                    holder[self._target.name] = fields
                return
            into = there
        if self._replace:
            into.update(fields)
        else:
            for name, value in fields.items():
                into.setdefault(name, value)

    def _fail(self, events: Events, failed: Sequence[int]) -> None:
        settings = self._settings
        what = f"the text of {settings.field} is not of the format {settings.format}"
        events.fail(len(failed), what)
        match settings.on_failure:
            case "mark":
                rows = events.edit()
                for index in failed:
                    rows[index][settings.mark] = settings.format
            case "drop":
                gone = set(failed)
                events.keep([index not in gone for index in range(events.count)])
            case "dead_letter":
                events.refuse(dict.fromkeys(failed, f"parse: {what}"))
            case "keep":
                pass
