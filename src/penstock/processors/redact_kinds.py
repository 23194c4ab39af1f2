"""What is looked for in texts: built in, and by patterns of one's own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from penstock.processors import redact_checks as checks
from penstock.processors.redact_checks import Check, Span
from penstock.regex import Pattern, compile_pattern

BuiltIn = Literal[
    "email", "ipv4", "ipv6", "card", "iban", "phone", "ssn", "jwt", "aws_key", "bearer", "private_key", "url_password",
]  # fmt: skip
"""Kinds that need no pattern of one's own."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of secret, and how it is found in a text."""

    name: str
    pattern: Pattern
    check: Check = checks.anything
    likely: Callable[[str], bool] | None = None
    """Cheap, and true for every text that has one; none: that is not known."""
    glance: str = ""
    """A pattern that is found in each line of JSON in which such a secret is written without `\\u`; empty: none is known.

    In JSON a slash may have a backslash before it, and what is no blank but a tab, say, always has.
    """

    def spans(self, text: str) -> list[Span]:
        """Where it is, from left to right."""
        found: list[Span] = []
        done = 0
        for start, end in self.pattern.spans(text):
            if start >= done and end > start:
                found += self.check(text, start, end)
                done = found[-1][1] if found else 0
        return found


def _having(needle: str, other: str = "") -> Callable[[str], bool]:
    """One of the two is in the text."""
    other = other or needle
    return lambda text: needle in text or other in text


_COUNTRIES: Final = "|".join(checks.IBAN_LENGTHS)
_AWS: Final = r"(?:AKIA|ASIA|AROA|AIDA|AGPA|AIPA|ANPA|ANVA|ABIA|ACCA|APKA)[A-Z0-9]{16}"
_AWS_SECRET: Final = r"(?i:secret[_-]?access[_-]?key)"  # noqa: S105 - the name of one
_PHONE: Final = rf"\+\(?[1-9](?:[ ().-]{{0,2}}[0-9]){{7,14}}|{checks.LOCAL_PHONE}"
_SSN: Final = r"[0-9]{3}[ -][0-9]{2}[ -][0-9]{4}"
_KEY_MARK: Final = r"[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"

_TEXTS: Final[Mapping[BuiltIn, tuple[str, str, Check, Callable[[str], bool] | None]]] = {
    # What is sent along in the open comes first: of two that begin at one place the first gives the name.
    "private_key": (
        rf"(?s)-----BEGIN {_KEY_MARK}(?:.*?-----END {_KEY_MARK}|.*)",
        "PRIVATE KEY",
        checks.anything,
        _having("PRIVATE KEY"),
    ),
    "jwt": (
        r"ey[JA][A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){2,4}",
        r"ey[JA][A-Za-z0-9_-]{8}",
        checks.anything,
        _having("eyJ", "eyA"),
    ),
    "bearer": (
        r"(?i)bearer(?:[ \t+]|%20)+[a-z0-9._~+/-]{8,}=*",
        "(?i:bearer)",
        checks.bearer,
        lambda text: "bearer" in text.lower(),
    ),
    "aws_key": (
        rf"""{_AWS}|{_AWS_SECRET}[\\"' \t:=>]{{1,12}}[A-Za-z0-9/+]{{40}}""",
        f"{_AWS}|{_AWS_SECRET}",
        lambda text, start, end: (checks.whole_word if end - start == 20 else checks.last_word)(
            text, start, end
        ),
        None,
    ),
    "url_password": (
        r""":\\*/\\*/[^\s/?#@:"'<>]*:[^\s/"'<>]+@""",
        r""":\\*/\\*/[^\s"]*:[^\s"]*@""",
        checks.url_password,
        lambda text: "@" in text and "/" in text,
    ),
    "email": (
        r"[\pL\pN._%+'-]+(?:@|%40)[\pL\pN-]+(?:\.[\pL\pN-]+)*\.\pL{2,}",
        r"""[^"\s](?:@|%40)[^"\s]""",
        checks.anything,
        _having("@", "%40"),
    ),
    "iban": (
        f"(?i)(?:{_COUNTRIES})[0-9]{{2}}",
        f"(?i:(?:{_COUNTRIES})[0-9]{{2}}(?:[ -]?[0-9A-Z]){{11}})",
        checks.ibans,
        None,
    ),
    "card": (
        r"[0-9](?:[ -]?[0-9]){12,}",
        # No card begins with a 1, as times in milliseconds and finer do. Or a number that is written with an exponent.
        r"(?:^|[^0-9])[2-6](?:[ -]?[0-9]){12}|[:,\[]\s*-?[0-9.]+[eE]",
        checks.cards,
        None,
    ),
    "ssn": (_SSN, _SSN, checks.ssn, None),
    "ipv6": (
        r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,}(?:(?:\.[0-9]{1,3}){3})?(?:%[0-9A-Za-z]+)?",
        r"::|(?:[0-9A-Fa-f]{1,4}:){6}",
        checks.ipv6,
        lambda text: text.count(":") > 1,
    ),
    "ipv4": (
        r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}",
        r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
        checks.ipv4,
        lambda text: text.count(".") > 2,
    ),
    "phone": (_PHONE, _PHONE, checks.phones, None),
}
ORDER: Final[tuple[BuiltIn, ...]] = tuple(_TEXTS)
"""All kinds, in the order in which one goes before another."""


def built_in(name: BuiltIn) -> Kind:
    """The kind of this name."""
    pattern, glance, check, likely = _TEXTS[name]
    return Kind(name, compile_pattern(pattern), check, likely, glance)


def own(name: str, pattern: str, *, ignore_case: bool = False) -> Kind:
    """A kind of one's own. Raises `PatternError`."""
    return Kind(name, compile_pattern(pattern, ignore_case=ignore_case))
