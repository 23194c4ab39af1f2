"""What a pattern alone cannot say: whether digits are a card's, letters and digits an account's, colons an address.

Each function takes a text and where in it something was found, and gives the parts that are what they look like. The
time that one takes is bounded, or linear in what was found.
"""

import re
import socket
from collections.abc import Callable, Iterator
from typing import Final

Span = tuple[int, int]
Check = Callable[[str, int, int], Iterator[Span]]

_SEPARATED: Final = frozenset(" -")
_CARD_LENGTHS: Final = range(13, 20)
_MOST_GROUPS: Final = 6
"""Into which the digits of a card are put; mostly there are four."""
_DIGITS: Final = re.compile(r"[0-9]+")
_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
IBAN_LENGTHS: Final = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28,
    "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28,
    "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24,
    "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26,
    "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip
"""Characters of an account by its country, as SWIFT's registry of ISO 13616 has them."""
_OCTETS: Final = frozenset([f"{n:0{width}}" for n in range(256) for width in (1, 2, 3)])
_LONGEST_ADDRESS: Final = 64
_ZONE_AND_YEAR: Final = re.compile(r"\+1[0-4][0-5]0 (?:19|20)[0-9]{2}")
LOCAL_PHONE: Final = r"(?:\([2-9][0-9]{2}\)[ .-]?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}"
"""A number of North America without its country."""
_LOCAL_PHONE: Final = re.compile(LOCAL_PHONE)
_LONGEST_LOCAL_PHONE: Final = 14
_LEAST_DIGITS: Final = 8
"""Of a number with a `+`."""
_TOKEN: Final = re.compile(r"[Bb]\w+(?:[ \t+]|%20)+")


def anything(_text: str, start: int, end: int) -> Iterator[Span]:
    """All that was found."""
    yield start, end


def cards(text: str, start: int, end: int) -> Iterator[Span]:
    """Of a run of digits, blanks and dashes the card numbers: an issuer's first digits, and Luhn's sum."""
    if start > 1 and text[start - 1] == "." and text[start - 2].isdigit():
        return  # what is behind the point of a number
    groups = [group.span() for group in _DIGITS.finditer(text, start, end)]
    done = 0
    for number, (first, _) in enumerate(groups):
        if first < done or text[first] not in "23456":
            continue
        within = groups[number : number + _MOST_GROUPS]
        if within[-1][1] - first < _CARD_LENGTHS[0]:
            continue
        digits, last = "", 0
        for begin, stop in within:
            if len(digits) + stop - begin > _CARD_LENGTHS[-1]:
                break
            digits += text[begin:stop]
            if len(digits) in _CARD_LENGTHS and _issued(digits[:4], len(digits)) and _luhn(digits):
                last = stop
        if last:
            yield first, last
            done = last


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    numbers = list(map(int, reversed(digits)))
    return (sum(numbers[::2]) + sum([_DOUBLED[number] for number in numbers[1::2]])) % 10 == 0


def _issued(first: str, length: int) -> bool:
    """Whether numbers that begin so and have so many digits are given out."""
    number = int(first)
    match first[0]:
        case "4":
            return length in (13, 16, 19)
        case "5":
            return length == 16 or first[1] in "0678"
        case "6":
            return True
        case "2":
            return length >= 16 and (2221 <= number <= 2720 or 2200 <= number <= 2204)
        case _:
            return (
                (length == 15 and first[1] in "47")
                or (
                    length >= 14
                    and (first[1] in "689" or number // 10 in (300, 301, 302, 303, 304, 305, 309))
                )
                or (length >= 16 and 3528 <= number <= 3589)
            )


def ibans(text: str, start: int, _end: int) -> Iterator[Span]:
    """The account number that begins here, if its length is its country's and its check digits are right."""
    if start and text[start - 1].isalnum():
        return
    left, at, compact = IBAN_LENGTHS[text[start : start + 2].upper()], start, ""
    while left and at < len(text):
        char = text[at]
        if char.isascii() and char.isalnum():
            compact += char
            left -= 1
        elif char not in _SEPARATED or text[at - 1] in _SEPARATED:
            return
        at += 1
    if left or (at < len(text) and text[at].isalnum()):
        return
    digits = "".join([str(int(char, 36)) for char in compact[4:] + compact[:4]])
    if int(digits) % 97 == 1:
        yield start, at


def ipv4(text: str, start: int, end: int) -> Iterator[Span]:
    """Four numbers up to 255 that are not part of more."""
    before, after = text[start - 1 : start], text[end : end + 2]
    if before.isdigit() or (before == "." and text[start - 2 : start - 1].isdigit()):
        return
    if after[:1].isdigit() or (after[:1] == "." and after[1:].isdigit()):
        return
    if _OCTETS.issuperset(text[start:end].split(".")):
        yield start, end


def ipv6(text: str, start: int, end: int) -> Iterator[Span]:
    """What the system takes for an address, `::` alone excepted, as it stands in programs."""
    if end - start > _LONGEST_ADDRESS:
        return
    if start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        # The end of a word, and then perhaps an address: `source:2001:db8::1`.
        start = text.find(":", start, end) + 1
        if text[start : start + 1] == ":":
            return
    if text[start : start + 1] == ":" and text[start + 1 : start + 2] != ":":
        start += 1
    if text[end - 1] == ":" and text[end - 2] != ":":
        end -= 1
    if text[end : end + 1].isalnum():
        return
    address = text[start:end].partition("%")[0]
    if len(address) > 2 and _is_address(address):
        yield start, end


def _is_address(text: str) -> bool:
    try:
        socket.inet_pton(socket.AF_INET6, text)
    except (OSError, ValueError):
        return False
    return True


def phones(text: str, start: int, end: int) -> Iterator[Span]:
    """A number that is not part of another, or of a word, nor a zone and a year: `+1000 2026`."""
    before, after = text[start - 1 : start], text[end : end + 2]
    if before.isalnum() or (before and before in "-.+" and text[start - 2 : start - 1].isalnum()):
        return
    if _ZONE_AND_YEAR.match(text, start):
        return
    if after[:1].isalnum() or (after[:1] in ("-", ".") and after[1:].isdigit()):
        yield from _cut_phones(text, start, end)
    else:
        yield start, end


def _cut_phones(text: str, start: int, end: int) -> Iterator[Span]:
    """What is a number of that which ran into the digits behind it: `+49 30 901820 123-45-6789`."""
    if text[start] != "+":
        return
    local = _LOCAL_PHONE.search(text, start + _LEAST_DIGITS, end + _LONGEST_LOCAL_PHONE)
    if local and local.start() >= end:
        local = None
    first = text[start : local.start() if local else max(text.rfind(" ", start, end), start)]
    if sum(map(str.isdigit, first)) >= _LEAST_DIGITS:
        yield start, start + len(first.rstrip(" ().-"))
    if local:
        yield from phones(text, *local.span())


def ssn(text: str, start: int, end: int) -> Iterator[Span]:
    """Numbers that the Social Security Administration gives out: no area 000, 666 or 9xx, no group 00, no serial 0000."""
    before, after = text[start - 1 : start], text[end : end + 2]
    if before.isalnum() or (before == "-" and text[start - 2 : start - 1].isalnum()):
        return
    if after[:1].isalnum() or (after[:1] == "-" and after[1:].isalnum()):
        return
    area, group, serial = text[start : start + 3], text[start + 4 : start + 6], text[end - 4 : end]
    alike = text[start + 3] == text[start + 6]
    if alike and area not in ("000", "666") and area[0] != "9" and group != "00" and serial != "0000":
        yield start, end


def whole_word(text: str, start: int, end: int) -> Iterator[Span]:
    """What stands between no other letters and digits."""
    if not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum():
        yield start, end


def bearer(text: str, start: int, end: int) -> Iterator[Span]:
    """The token behind the word."""
    word = _TOKEN.match(text, start)
    if word is not None and not text[start - 1 : start].isalnum():
        yield word.end(), end


def url_password(text: str, start: int, end: int) -> Iterator[Span]:
    """What is between the first colon behind the slashes and the last at sign."""
    yield text.index(":", start + 1) + 1, end - 1


def last_word(text: str, _start: int, end: int) -> Iterator[Span]:
    """The key of 40 characters at the end of what was found."""
    if not text[end : end + 1].isalnum():
        yield end - 40, end
