"""Covers what is secret: addresses, card numbers, keys, tokens, in any text of an event, and fields by name."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from penstock.fields import Model, Secret
from penstock.processors.base import Processor, ProcessorContext, ProcessorSettings
from penstock.processors.events import Events
from penstock.processors.redact_cover import With
from penstock.processors.redact_event import EventRedactor
from penstock.processors.redact_examples import SHOWN
from penstock.processors.redact_kinds import ORDER, BuiltIn, own
from penstock.regex import PatternError

_MOST_OWN: Final = 64


class OwnPattern(Model):
    """A pattern of your own."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    """Stands in the place of what it finds."""
    pattern: Annotated[str, Field(min_length=1)]
    """In the syntax of RE2, looked for anywhere in a text."""
    ignore_case: bool = False
    """Capitals and small letters are the same."""

    @model_validator(mode="after")
    def _compiles(self) -> "OwnPattern":
        try:
            own(self.name, self.pattern)
        except PatternError as exc:
            raise ValueError(f"`pattern` {exc}") from exc
        return self


class RedactSettings(ProcessorSettings):
    """Covers what is secret, in all texts of an event or in some fields: nested ones, lists and names of fields included.

    Before the journal it keeps secrets from the disk. It is made to cover too much rather than too little: four numbers
    with dots between them are an address to it, and digits that look like a card's are one.
    """

    type: Literal["redact"]
    patterns: Annotated[Sequence[BuiltIn | OwnPattern], Field(max_length=_MOST_OWN)] = ORDER
    """What to look for. `card` and `iban` are checked by their sums, also where digits stand in groups or are a number;
    `phone` has a `+` or the groups of North America; `ssn` is that of the USA; `bearer` is the token behind that word;
    `aws_key` an access key's id, or a secret key behind its name; `private_key` a PEM block, to the end of the text if it
    does not end."""
    names: Sequence[Annotated[str, Field(min_length=1, max_length=128)]] = ()
    """Fields whose value is secret, whatever it is and wherever they are: `password`, `*_token`. Case does not count, nor
    do `_` and `-`; `*` stands for any text. In texts it is what stands behind such a name: `password=…`."""
    fields: Sequence[Annotated[str, Field(min_length=1)]] = ()
    """Only in these fields are patterns looked for, with all that is inside them; empty: everywhere."""
    with_: With = Field(default="mask", alias="with")
    """`mask` puts a word there; `remove` nothing, and a field goes; `hash` a pseudonym that is the same for the same
    secret, and can be made only with the `key`; `partial` leaves a piece: four digits of a card, the domain of an e-mail
    address."""
    mask: str = "[{name}]"
    """With `with: mask`, what is put there; `{name}` is that of the pattern or the field."""
    key: Secret | None = None
    """With `with: hash`, what nobody else knows: who has it can find out whose a pseudonym is."""

    shown = SHOWN

    @model_validator(mode="after")
    def _makes_sense(self) -> "RedactSettings":
        if not self.patterns and not self.names:
            raise ValueError(
                "covers nothing: name `patterns` or `names`, or leave out `patterns` for all of them"
            )
        key = self.key.get_secret_value() if self.key is not None else ""
        if self.with_ == "hash" and not key:
            raise ValueError("`with: hash` needs `key`: anyone could try all card numbers without one")
        if self.key is not None and self.with_ != "hash":
            raise ValueError("`key` is for `with: hash`: leave it out")
        return self

    def build(self, context: ProcessorContext) -> Processor:
        return Redact(self)


class Redact:
    """See `RedactSettings`."""

    def __init__(self, settings: RedactSettings) -> None:
        self._redactor = EventRedactor(settings)

    def process(self, events: Events) -> None:
        lines = events.lines()
        # Most lines have nothing of that kind: they are not even decoded.
        suspects = self._redactor.suspects(lines)
        if not suspects:
            return
        rows: Sequence[dict[str, Any]] = events.read()
        changes = [self._redactor.change(rows[index]) for index in suspects]
        if any(changes):
            events.edit()
