r"""Lines as container runtimes keep them.

    {"log":"ready\n","stream":"stdout","time":"2026-11-25T10:00:00.123456789Z"}     Docker's json-file
    2026-11-25T10:00:00.123456789Z stdout F ready                                   CRI: containerd and CRI-O

A line that the runtime cut is marked by `partial`: with Docker where no newline ends it, with CRI where `P` says so.
"""

import re
from typing import Any, Final

import msgspec

from penstock.parsing.base import Fields, OneByOne
from penstock.parsing.timestamps import Timestamps

_CRI: Final = re.compile(r"(\S{19,40}) (stdout|stderr) ([FP])(?::[^\s]*+)?(?: (.*))?", re.DOTALL)
_LONGEST_TAG: Final = 64


class _Entry(msgspec.Struct):
    log: str
    stream: str | None = None
    time: str | None = None
    attrs: dict[str, Any] | None = None


_decode: Final = msgspec.json.Decoder(_Entry).decode


class Docker(OneByOne):
    """`message` without its newline, `stream`, `timestamp`, and `attrs` where labels are logged."""

    def __init__(self) -> None:
        self._times = Timestamps()

    def parse(self, text: str, received: float) -> Fields | None:
        try:
            entry = _decode(text)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return None
        fields: Fields = {}
        if entry.time:
            timestamp = self._times.normalise(entry.time, received)
            if timestamp is None:
                return None
            fields["timestamp"] = timestamp
        if entry.stream:
            fields["stream"] = entry.stream
        whole = entry.log.endswith("\n")
        fields["message"] = entry.log[:-1].removesuffix("\r") if whole else entry.log
        if not whole:
            fields["partial"] = True
        if entry.attrs:
            fields["attrs"] = entry.attrs
        return fields


class Cri(OneByOne):
    """`message`, `stream` and `timestamp`."""

    def __init__(self) -> None:
        self._times = Timestamps()

    def parse(self, text: str, received: float) -> Fields | None:
        line = _CRI.fullmatch(text.rstrip("\r\n"))
        timestamp = line and self._times.normalise(line[1], received)
        if line is None or timestamp is None:
            return None
        fields: Fields = {"timestamp": timestamp, "stream": line[2], "message": line[4] or ""}
        if line[3] == "P":
            fields["partial"] = True
        return fields
