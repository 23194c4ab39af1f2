"""The formats that `parse` reads, with what each can be told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, Literal

from pydantic import model_validator

from penstock.parsing.access_log import AccessLog
from penstock.parsing.apache_error import ApacheError
from penstock.parsing.base import Parser
from penstock.parsing.container import Cri, Docker
from penstock.parsing.csv_line import CsvLine
from penstock.parsing.grok import Grok
from penstock.parsing.json_text import JsonText
from penstock.parsing.key_value import KeyValue
from penstock.parsing.klog import KLog
from penstock.parsing.logfmt import Logfmt
from penstock.parsing.nginx_error import NginxError
from penstock.parsing.regex_text import RegexText
from penstock.parsing.syslog_text import SyslogText
from penstock.parsing.time_text import TimeText
from penstock.parsing.timestamps import Timestamps
from penstock.parsing.values import Casts, Kind
from penstock.parsing.zones import zone_named
from penstock.processors.base import ProcessorSettings

Format = Literal[
    "json", "logfmt", "key_value", "csv", "regex", "grok", "syslog", "access_log", "nginx_error", "apache_error",
    "klog", "docker", "cri", "timestamp",
]  # fmt: skip

_TYPED: Final = ("json", "logfmt", "key_value", "csv", "regex")
_OWNERS: Final[Mapping[str, Sequence[str]]] = {
    "pattern": ("regex", "grok"),
    "ignore_case": ("regex",),
    "definitions": ("grok",),
    "columns": ("csv",),
    "delimiter": ("csv",),
    "quote": ("csv",),
    "pair_separator": ("key_value",),
    "key_separator": ("key_value",),
    "quotes": ("key_value",),
    "types": _TYPED,
    "time_formats": (*_TYPED, "grok", "timestamp"),
    "zone": (*_TYPED, "grok", "timestamp", "syslog", "access_log", "nginx_error", "apache_error", "klog"),
}
"""Which formats an option is for."""
_NEEDED: Final = {"regex": "pattern", "grok": "pattern", "csv": "columns"}


class ParseOptions(ProcessorSettings):
    """A format, and what is said of it."""

    format: Format
    pattern: str | Sequence[str] = ()
    """Of `regex` and `grok`: the pattern, or several of which the first that is found counts. It is looked for anywhere in
    the text, but for `^` and `$`. The syntax is RE2's; `regex` takes its fields from groups `(?P<name>…)`."""
    ignore_case: bool = False
    """Of `regex`: capitals and small letters are the same."""
    definitions: Mapping[str, str] = {}
    """Of `grok`: patterns of your own by name, which come before those that are known."""
    columns: Sequence[str] = ()
    """Of `csv`: the name of each column; `-` leaves one out."""
    delimiter: str = ","
    """Of `csv`: one character between cells."""
    quote: str = '"'
    """Of `csv`: one character around cells, or none."""
    pair_separator: str = " "
    """Of `key_value`: what stands between two pairs; a blank stands for white space of any length."""
    key_separator: str = "="
    """Of `key_value`: what stands between a name and its value."""
    quotes: Sequence[str] = ('"', "'")
    """Of `key_value`: what may stand around a value."""
    types: Mapping[str, Kind] = {}
    """What fields are, by name. Without a word here, `json` says itself, groups of `regex` are text, and the others are
    numbers and booleans where they are written so; `string` keeps `1.10` as it is. What cannot be of its type stays."""
    time_formats: Sequence[str] = ()
    """How times are written, in the codes of strftime, tried in order: `%d/%m/%Y %H:%M:%S`. Without any, all usual shapes
    are known that can be read in one way only."""
    zone: str = "UTC"
    """Where times that do not say so are from: `Europe/Berlin`, `+02:00`."""

    @model_validator(mode="after")
    def _fits(self) -> "ParseOptions":
        for option in sorted(self.model_fields_set & _OWNERS.keys()):
            if self.format not in _OWNERS[option]:
                raise ValueError(
                    f"`{option}` is for {' and '.join(_OWNERS[option])}, not for {self.format}: leave it out"
                )
        needed = _NEEDED.get(self.format)
        if needed and not getattr(self, needed):
            raise ValueError(f"`format: {self.format}` needs `{needed}`")
        self.parser()
        return self

    def parser(self) -> Parser:
        """What reads the format. Raises `ValueError` for options that make none."""
        zone = zone_named(self.zone)
        times = Timestamps(zone, self.time_formats)
        return _MAKERS[self.format](self, _Shared(zone, times, Casts(self.types, times)))

    def patterns(self) -> Sequence[str]:
        """As a list, however many there are."""
        return (self.pattern,) if isinstance(self.pattern, str) else self.pattern


@dataclass(frozen=True, slots=True)
class _Shared:
    """What most formats are made with."""

    zone: tzinfo
    times: Timestamps
    casts: Casts


def _key_value(options: ParseOptions, shared: _Shared) -> Parser:
    return KeyValue(
        shared.casts, pairs=options.pair_separator, key=options.key_separator, quotes=options.quotes
    )


def _csv(options: ParseOptions, shared: _Shared) -> Parser:
    return CsvLine(options.columns, shared.casts, delimiter=options.delimiter, quote=options.quote)


_MAKERS: Final[Mapping[str, Callable[[ParseOptions, _Shared], Parser]]] = {
    "json": lambda _, shared: JsonText(shared.casts),
    "logfmt": lambda _, shared: Logfmt(shared.casts),
    "key_value": _key_value,
    "csv": _csv,
    "regex": lambda options, shared: RegexText(
        options.patterns(), shared.casts, ignore_case=options.ignore_case
    ),
    "grok": lambda options, shared: Grok(options.patterns(), shared.times, options.definitions),
    "syslog": lambda _, shared: SyslogText(shared.zone),
    "access_log": lambda _, shared: AccessLog(shared.times),
    "nginx_error": lambda _, shared: NginxError(shared.times),
    "apache_error": lambda _, shared: ApacheError(shared.times),
    "klog": lambda _, shared: KLog(shared.zone),
    "docker": lambda _, __: Docker(),
    "cri": lambda _, __: Cri(),
    "timestamp": lambda _, shared: TimeText(shared.times),
}
