"""Syslog in a text: RFC 5424, RFC 3164 and what devices send, as `penstock.syslog` reads it."""

from datetime import UTC, tzinfo

from penstock.parsing.base import Fields, OneByOne
from penstock.parsing.timestamps import Timestamps
from penstock.syslog.message import parse
from penstock.syslog.stamps import Calendar


class SyslogText(OneByOne):
    """Times without a zone are in `zone`, without a year in the nearest one."""

    def __init__(self, zone: tzinfo = UTC) -> None:
        self._calendar = Calendar(zone)
        self._times = Timestamps()

    def parse(self, text: str, received: float) -> Fields | None:
        fields = parse(text, received, self._calendar)
        if fields is not None and "timestamp" in fields:
            fields["timestamp"] = self._times.normalise(fields["timestamp"], received) or fields["timestamp"]
        return fields
