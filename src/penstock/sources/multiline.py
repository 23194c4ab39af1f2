"""The settings of lines that belong together."""

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from penstock.fields import Duration, Model, Size
from penstock.sources.grouping import Continues, Rule, Starts, Traces
from penstock.sources.joining import Joining
from penstock.sources.traces import Name


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _is_start(value: str) -> str:
    Starts(value)
    return value


def _is_continue(value: str) -> str:
    Continues(value)
    return value


class MultilineSettings(Model):
    """Lines of text that are one event: stack traces of some languages, or what a pattern of your own tells.

    A line that is a JSON object is always an event by itself.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"mode": "java"},
                {"mode": ["python", "node"], "line_before": True},
                {"start": "^\\d{4}-\\d{2}-\\d{2} "},
                {"continue": "^\\s"},
            ]
        }
    )

    mode: Annotated[tuple[Literal[Name, "auto"], ...], BeforeValidator(_several)] = ()
    """Stack traces of these languages: `java` (and others on its machine), `python`, `go`, `node`, `ruby`, `dotnet`; `auto`
    is all of them."""
    line_before: bool = False
    """With `mode`: a trace belongs to the line before it, as where a logger writes its message first. Every line of
    text then waits for the next, `timeout` at most."""
    start: Annotated[str, AfterValidator(_is_start)] | None = None
    """A line in which this pattern (RE2) is found begins an event; all others belong to the one before."""
    continue_: Annotated[str, AfterValidator(_is_continue)] | None = Field(default=None, alias="continue")
    """A line in which this pattern (RE2) is found belongs to the one before; all others begin an event."""
    timeout: Duration = Field(default=1.0, ge=0.01, le=60)
    """An event is complete when nothing has come for this long."""
    max_lines: int = Field(default=1000, ge=2)
    """Lines of one event; further ones begin another."""
    max_bytes: Size = Field(default=256 * 2**10, ge=1024, le=16 * 2**20)
    """Bytes of one event, a line more or less; further lines begin another."""

    @model_validator(mode="after")
    def _one_way(self) -> "MultilineSettings":
        given = [name for name in ("mode", "start", "continue") if getattr(self, _FIELDS.get(name, name))]
        if len(given) != 1:
            told = " and ".join(f"`{name}`" for name in given) if given else "nothing"
            raise ValueError(f"takes one of `mode`, `start` and `continue`, and has {told}")
        if self.line_before and not self.mode:
            raise ValueError("`line_before` is for `mode`: leave it out")
        return self

    def joining(self) -> Joining:
        """What streams are joined by."""
        return Joining(self._rule(), self.timeout, self.max_lines, self.max_bytes)

    def _rule(self) -> Rule:
        if self.start is not None:
            return Starts(self.start)
        if self.continue_ is not None:
            return Continues(self.continue_)
        names = get_args(Name) if "auto" in self.mode else self.mode
        return Traces([name for name in names if name != "auto"], line_before=self.line_before)


_FIELDS = {"continue": "continue_"}


class JoinedSettings(Model):
    """Of sources whose lines can be joined."""

    multiline: MultilineSettings | None = None
    """Lines that belong together become one event."""
