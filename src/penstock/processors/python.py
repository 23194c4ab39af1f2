"""A function of the user's own: an event in, an event, several or none out."""

import inspect
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, Literal

import msgspec
import structlog
from pydantic import Field

from penstock.errors import PluginError
from penstock.fields import Duration
from penstock.plugins import load, load_file
from penstock.processors.base import OnError, Processor, ProcessorContext, ProcessorSettings
from penstock.processors.events import Event, Events
from penstock.processors.on_error import no_dead_letters
from penstock.processors.shown import Shown

log = structlog.get_logger(__name__)


class PythonSettings(ProcessorSettings):
    """Calls a function of your own with each event.

    It takes the event as a `dict` and may change it; it returns that or another `dict`, a list of several, or `None` to
    leave the event out. It runs in the daemon: what it waits for, everything waits for.
    """

    type: Literal["python"]
    function: Annotated[str, Field(min_length=1)]
    """`my_rules:tag` of an installed package, or the function's name in `file`."""
    file: Path | None = None
    """A file with the function; a relative path begins at the configuration's folder."""
    on_error: OnError = "keep"
    """Where it raises, or returns what is no event; with `keep` the event goes on as it was before the call."""
    slow: Duration = 0.05
    """A call that takes longer is told and counted among the errors; 0: none is."""

    shown = (
        Shown(
            settings={"function": "penstock.processors.python:example"},
            given=[{"message": "user=ana paid"}, {"message": "heartbeat"}, {"items": [1, 2]}],
            gives=[{"message": "user=ana paid", "user": "ana"}, {"item": 1}, {"item": 2}],
            note="With the function `example` below.",
        ),
    )

    def misplaced(self) -> str:
        return super().misplaced() or no_dead_letters(self.on_error)

    def build(self, context: ProcessorContext) -> Processor:
        return Python(self, self._loaded(context.folder))

    def _loaded(self, folder: Path) -> Callable[[Event], Any]:
        if self.file is None and ":" not in self.function:
            remedy = f"write package.module:{self.function}, or name the `file` that has it"
            raise PluginError(f"{self.function!r} is not a dotted path: {remedy}")
        if self.file is not None and ":" in self.function:
            alone = self.function.rpartition(":")[2]
            raise PluginError(f"{self.function!r}: with `file` write the function's name alone, {alone}")
        found = load(self.function) if self.file is None else load_file(folder / self.file, self.function)
        if not callable(found):
            raise PluginError(f"{self.function!r} is no function")
        if inspect.iscoroutinefunction(found) or inspect.isgeneratorfunction(found):
            raise PluginError(f"{self.function!r} must be a plain function: def, with return")
        if not _takes_one(found):
            raise PluginError(f"{self.function!r} must take one argument, the event")
        return found


def _takes_one(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind({})
    except TypeError:
        return False
    except ValueError:  # one that does not tell, as some that are written in C
        return True
    return True


def example(event: dict[str, Any]) -> Any:
    """Finds the user in the message, drops heartbeats, and makes an event of each item."""
    if event.get("message") == "heartbeat":
        return None
    if "items" in event:
        return [{"item": item} for item in event["items"]]
    for word in event.get("message", "").split():
        if word.startswith("user="):
            event["user"] = word.removeprefix("user=")
    return event


class Python:
    """See `PythonSettings`."""

    def __init__(self, settings: PythonSettings, function: Callable[[Event], Any]) -> None:
        self._function = function
        self._on_error = settings.on_error
        self._slow = settings.slow or float("inf")
        self._told = False

    def process(self, events: Events) -> None:
        lines = events.lines()  # as they are now: what fails half way goes on unchanged
        outputs: dict[int, list[Event]] = {}
        failed: dict[int, str] = {}
        for index, event in enumerate(events.edit()):
            try:
                came = self._called(event, events)
            except Exception as exc:  # noqa: BLE001 - the user's own: it may raise anything
                self._tell_once(exc)
                failed[index] = f"{type(exc).__name__}: {exc}"
                outputs[index] = [msgspec.json.decode(lines[index])]
                continue
            if len(came) != 1 or came[0] is not event:
                outputs[index] = came
        if failed:
            events.fail_each(failed)
            if self._on_error == "drop":
                outputs |= {index: [] for index in failed}
        refused = failed if self._on_error == "dead_letter" else {}
        before = list(events.origins or range(events.count))
        events.replace(outputs)
        if refused:
            reasons = {before[index]: reason for index, reason in refused.items()}
            after = events.origins or range(events.count)
            events.refuse({index: reasons[origin] for index, origin in enumerate(after) if origin in reasons})

    def _called(self, event: Event, events: Events) -> list[Event]:
        start = perf_counter()
        result = self._function(event)
        took = perf_counter() - start
        if took > self._slow:
            events.fail(1, f"a call took {took:.3f} s, and everything waited")
        if result is None:
            return []
        came = result if isinstance(result, list) else [result]
        for one in came:
            if not isinstance(one, dict):
                raise TypeError(f"returned {type(one).__name__}: an event is a dict")
            msgspec.json.encode(one)  # raises for what JSON has not
        return came

    def _tell_once(self, exc: Exception) -> None:
        if not self._told:
            self._told = True
            log.warning("a function of yours raised", function=_name(self._function), exc_info=exc)


def _name(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__qualname__", function))
