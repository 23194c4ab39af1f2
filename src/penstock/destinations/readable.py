"""Events as lines for people: what `file` and `console` write where NDJSON is not wanted.

    2026-11-24T10:00:00Z error payment failed order=17 reason="card declined" trace={"id":"4f"}

An event is always one line, and no character of it can steer a terminal: control characters are escaped.
What cannot be taken apart (thousands of nested brackets) is written as it is, as JSON.
"""

import re
from typing import Final

import msgspec

_RESET: Final = "\x1b[0m"
_DIM: Final = "\x1b[2m"
_BOLD: Final = "\x1b[1m"
_CYAN: Final = "\x1b[36m"
_LEVELS: Final = {
    "trace": "\x1b[2m",
    "debug": "\x1b[34m",
    "info": "\x1b[32m",
    "notice": "\x1b[36m",
    "warn": "\x1b[33m",
    "warning": "\x1b[33m",
    "error": "\x1b[31m",
    "err": "\x1b[31m",
    "critical": "\x1b[1;31m",
    "fatal": "\x1b[1;31m",
    "alert": "\x1b[1;31m",
    "emergency": "\x1b[1;31m",
}
_NONE: Final = "-"
"""In the place of a timestamp, a level or a message that an event does not have."""
_LEADING: Final = ("timestamp", "level", "message")

_BARE: Final = re.compile(r"[^\s\"'={}\[\],\\\x00-\x1f\x7f-\x9f]+")
"""Text that needs no quotes."""
_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, the line ends of Unicode, what turns the direction of writing, halves of pairs."""
_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

_event = msgspec.json.Decoder(dict[str, msgspec.Raw])
_text = msgspec.json.Decoder(str)


def plain(line: bytes) -> str:
    """One event, without its newline, as one line of text without one."""
    return _render(line, colored=False)


def colored(line: bytes) -> str:
    """The same with ANSI colours."""
    return _render(line, colored=True)


def _render(line: bytes, *, colored: bool) -> str:
    try:
        event = {key: bytes(raw) for key, raw in _event.decode(line).items()}
        at, level, message = [_said(event.pop(key, b"")) for key in _LEADING]
        rest = [(_quoted(key), _value(raw)) for key, raw in event.items()]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return escape(line.decode("utf-8", "replace"))
    if not colored:
        return " ".join([at, level, message, *[f"{key}={value}" for key, value in rest]])
    shade = _LEVELS.get(level.lower(), "")
    return " ".join(
        [
            f"{_DIM}{at}{_RESET}",
            f"{shade}{level:<7}{_RESET if shade else ''}",
            f"{_BOLD}{message}{_RESET}",
            *[f"{_CYAN}{key}{_RESET}={value}" for key, value in rest],
        ]
    )


def _said(raw: bytes) -> str:
    """A value that stands without its key: text bare, anything else as JSON."""
    if not raw or raw == b"null":
        return _NONE
    return escape(_text.decode(raw)) if raw.startswith(b'"') else escape(raw.decode())


def _value(raw: bytes) -> str:
    if raw.startswith(b'"'):
        return _quoted(_text.decode(raw))
    return escape(raw.decode())


def _quoted(text: str) -> str:
    if _BARE.fullmatch(text):
        return escape(text)
    return '"' + escape(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def escape(text: str) -> str:
    """Without what could break a line or steer a terminal: that is escaped, as in JSON."""
    return _UNSAFE.sub(_escaped, text) if _UNSAFE.search(text) else text


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    return _SHORT.get(character) or f"\\u{ord(character):04x}"
