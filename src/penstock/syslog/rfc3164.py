"""RFC 3164, which describes what was sent before there was a rule, and what devices send in its name.

    <PRI>Oct 11 22:14:15 HOST TAG[PID]: MSG         the usual shape; each of its parts may be missing
    <PRI>2026-10-11T22:14:15.003+02:00 HOST TAG: MSG            rsyslog and others, with a time as in RFC 3339
    <PRI>29: HOST: *Mar  1 18:46:11.123 UTC: %SYS-5-CONFIG_I: MSG       Cisco IOS: a number, a mark on the time
    <PRI>Oct 11 2026 22:14:15 HOST : %ASA-6-302013: MSG                 Cisco ASA
    <PRI>: 2026 Oct 11 22:14:15 UTC: %ETHPORT-5-IF_UP: MSG              Cisco NX-OS
    <PRI>TAG: MSG                                                       no time
    <PRI>MSG                                                            Python's SysLogHandler, and others

Two words after the time are a host and a tag where the second ends in a colon or has a pid; a word that does
neither is a host, as RFC 3164 has it.
"""

import re
from typing import Any, Final

from penstock.syslog.priority import PATTERN, PRIORITIES
from penstock.syslog.stamps import CLOCK, MONTH, MONTHS, RFC3339, Calendar, zone_of

_PRIORITY: Final = re.compile(rf"<({PATTERN})>")
_YEAR: Final = "(?:19|20)[0-9]{2}"
_TIME: Final = rf"{CLOCK}(?:[.,][0-9]{{1,9}})?+"
_STAMP: Final = re.compile(
    rf"""[ ]*+(?:(?P<number>[0-9]{{1,10}}):[ ]++(?:(?P<early>[\w.-]{{1,255}}):[ ]++)?)?:?[ ]*+[*.]?
    (?:(?P<rfc3339>{RFC3339})(?![0-9])
    |(?P<iso>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})[T ](?P<iso_clock>{_TIME})(?P<offset>Z|[+-][0-9]{{2}}:?[0-9]{{2}})?(?![0-9])
    |(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ ])?
     (?:(?P<before>{_YEAR})[ ])?(?P<month>{MONTH})[ ]{{1,2}}(?P<day>[0-9]{{1,2}})[ ](?:(?P<within>{_YEAR})[ ])?
     (?P<clock>{_TIME})(?:[ ](?P<after>{_YEAR})(?=[ :]))?)
    (?:[ ](?P<zone>UTC|GMT|Z|[+-][0-9]{{2}}:?[0-9]{{2}}|[A-Z]{{2,5}}(?=:[ ]%))(?=[ :]))?
    (?:[ ]?:(?=[ ]|\Z)|(?=[ ]|\Z))[ ]*+""",
    re.VERBOSE | re.ASCII,
)
_NUMBER: Final = re.compile(r"[ ]*+([0-9]{1,10}): ++(?=%)")
_NAME: Final = r'[^\s:\[\]"<>{}=]{1,128}+'
_PROCESS: Final = r"[^\s\[\]]{1,64}+"
_ENDS: Final = r"(?=[ \t]|\Z)"
TAG: Final = rf"{_NAME}(?:\[{_PROCESS}\]:?+|:)"
"""A program, and its process in brackets; white space is to follow where it is not `[PID]:`."""
_TAG: Final = re.compile(rf"({_NAME})(?:\[({_PROCESS})\](?::|{_ENDS})|:{_ENDS})[ \t]?")
HOST: Final = r"[^\s\[\]\"'(){}=<>,;]{0,254}[^\s\[\]\"'(){}=<>,;:]"
"""A name or an address."""
_HOST: Final = re.compile(rf"(?!last message )({HOST})(?:[ \t]++(?::[ \t]++)?|:[ \t]++(?=%)|\Z)")


def parse(text: str, received: float, calendar: Calendar) -> dict[str, Any] | None:
    """The fields of an event, without `timestamp` where the message has none.

    None where the text has neither priority nor time: nothing says that it is syslog.
    """
    priority = _PRIORITY.match(text)
    begin = priority.end() if priority else 0
    stamp = _STAMP.match(text, begin)
    time = _time(stamp, received, calendar) if stamp else ""
    if priority is None and not time:
        return None
    event: dict[str, Any] = {}
    number = host = None
    if stamp and time:
        event["timestamp"] = time
        begin = stamp.end()
        number, host = stamp["number"], stamp["early"]
    elif found := _NUMBER.match(text, begin):
        number, begin = found[1], found.end()
    if priority:
        event |= PRIORITIES[priority[1]]
    if number:
        event["sequence"] = int(number)
    if host:
        event["host"] = host
    # A date with a space in it begins many a message; only what has a tag behind it is a header then.
    lonely = bool(stamp and not stamp["iso"])
    origin, begin = origin_of(text, begin, hosted=bool(time and not host), lonely=lonely)
    event |= origin
    event["message"] = text[begin:]
    return event


def origin_of(text: str, begin: int, *, hosted: bool, lonely: bool = True) -> tuple[dict[str, str], int]:
    """Who says it, from `HOST TAG[PID]: ` at `begin`, and where the message begins.

    `hosted`: a host may be there; `lonely`: without a tag behind it, too.
    """
    found: dict[str, str] = {}
    tag = _TAG.match(text, begin)
    if tag is None and hosted and (host := _HOST.match(text, begin)):
        tag = _TAG.match(text, host.end())
        if tag is not None or lonely:
            found["host"] = host[1]
            begin = host.end()
    if tag is None:
        return found, begin
    name, process = tag.groups()
    if name.startswith("%") and len(name) > 1:
        found["msgid"] = name[1:]  # Cisco: %FACILITY-SEVERITY-MNEMONIC
    else:
        found["service"] = name
    if process:
        found["procid"] = process
    return found, tag.end()


def _time(stamp: re.Match[str], received: float, calendar: Calendar) -> str:
    """As RFC 3339; empty where there is no such day."""
    if stamp["rfc3339"]:
        return stamp["rfc3339"]
    zone = zone_of(stamp["offset"] or stamp["zone"])
    year: int | None
    if stamp["iso"]:
        year, month, day = map(int, stamp["iso"].split("-"))
    else:
        written = stamp["before"] or stamp["within"] or stamp["after"]
        year, month, day = int(written) if written else None, MONTHS[stamp["month"]], int(stamp["day"])
    clock = stamp["clock"] or stamp["iso_clock"]
    minute = calendar.minute(year, month, day, clock[:5], zone, received)
    return f"{minute}{clock[5:].replace(',', '.')}Z" if minute else ""
