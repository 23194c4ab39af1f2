"""What is secret goes, however it is written; what only looks like it stays; and the disk never sees it."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from penstock.processors.events import Events
from penstock.processors.redact import RedactSettings
from penstock.processors.redact_event import EventRedactor
from penstock.processors.redact_kinds import ORDER
from penstock.testing.local import LocalDaemon
from penstock.testing.processing import block_of, context, process
from penstock.testing.receiver import Receiver
from penstock.testing.waiting import eventually

JWT: Final = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
PEM: Final = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----"

COVERED: Final = [
    ("mail to eve.o'neil+x@mail.example.co.uk!", "mail to [email]!"),
    ("?user=eve%40example.com&x", "?user=[email]&x"),
    ("jörg@müller.example", "[email]"),
    ("from 192.0.2.7:443, 10.0.0.1.", "from [ipv4]:443, [ipv4]."),
    ("[2001:db8::1]:80 and fe80::1%eth0 and ::1", "[[ipv6]]:80 and [ipv6] and [ipv6]"),
    ("2001:db8:0:0:0:0:0:7: refused; source:2001:db8::7", "[ipv6]: refused; source:[ipv6]"),
    ("fd00:0:0:1:2:3:4:a", "[ipv6]"),
    ("fe80::a", "[ipv6]"),
    ("::ffff:192.0.2.7 is mapped", "[ipv6] is mapped"),
    ("card 4111111111111111 4111 1111 1111 1111 4111-1111-1111-1111", "card [card] [card] [card]"),
    ("amex 3782 822463 10005 exp 12/27 cvv 123", "amex [card] exp 12/27 cvv 123"),
    ("4111 1111 1111 1111 2027 11", "[card] 2027 11"),
    ("4１11 1111 1111 1111 4111–1111–1111–1111", "[card] [card]"),  # noqa: RUF001 - a wide digit, dashes
    ("DE89 3704 0044 0532 0130 00 and gb82west12345698765432.", "[iban] and [iban]."),
    ("call +49 30 1234567, (415) 555-2671 or 415.555.2671", "call [phone], [phone] or [phone]"),
    ("+49 30 901820 123-45-6789 of +49 30 901821 415 555-2671", "[phone] [ssn] of [phone] [phone]"),
    ("ssn 123-45-6789", "ssn [ssn]"),
    (f"token {JWT} ok", "token [jwt] ok"),
    ("AKIAIOSFODNN7EXAMPLE", "[aws_key]"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = [aws_key]"),
    ("authorization: BEARER  abcdef-123456==, next", "authorization: BEARER  [bearer], next"),
    (f"key: {PEM} end", "key: [private_key] end"),
    ("cut -----BEGIN PRIVATE KEY-----\nMIIEow", "cut [private_key]"),
    ("postgres://app:s3cr@t!@db/x http:\\/\\/u:pw@h", "postgres://app:[url_password]@db/x http:\\/\\/u:[url_password]@h"),
    ('{"to":"eve\\u0040example.com"}', '{"to":"[email]"}'),
]  # fmt: skip


def redacting(**settings: Any) -> RedactSettings:
    return RedactSettings.model_validate({"type": "redact", **settings})


def redacted(event: dict[str, Any] | bytes, **settings: Any) -> Any:
    (after,) = process(redacting(**settings).build(context()), [event])
    return after


def message(text: str, **settings: Any) -> Any:
    return redacted({"message": text}, **settings)["message"]


@pytest.mark.parametrize(("text", "after"), COVERED)
def test_covers_what_is_secret(text: str, after: str) -> None:
    assert message(text) == after


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-25T10:00:00.123Z 25/Nov/2026:10:00:00 +0100 10:00:00 Wed 10:00:00 +1000 2026",
        "4111111111111112 is no card, 1764064800123 a time, 0.4111111111111111 a share",
        "41111111111111111111111111 has too many digits",
        "256.1.1.1 1.2.3.4.5 1.2.3",
        "std::vector<int>, 12:34:56, aa:bb:cc:dd:ee:ff, a :: b, module Foo::Bar",
        "DE88 3704 0044 0532 0130 00 has a wrong sum, DE89 is too short",
        "000-12-3456 666-12-3456 900-12-3456 123-00-4567 123-45-0000 123-45 6789",
        "user@localhost @timestamp a@b http://host:80/p?q=a@b",
        "the bearer of news, eyJust, AKIA, xAKIAIOSFODNN7EXAMPLE1",
        "c0ffee00-1234-4567-89ab-0123456789ab 00f067aa0ba902b7 4bf92f3577b34da6a3ce929d0e0e4736",
        "ÄÖÜ – ４ ٣ 日本語",  # noqa: RUF001 - digits of other scripts
    ],
)
def test_leaves_what_only_looks_like_it(text: str) -> None:
    assert message(text) == text


@pytest.mark.parametrize(
    ("event", "after"),
    [
        ({"a": [{"b": ["x", {"c": "eve@example.com"}]}]}, {"a": [{"b": ["x", {"c": "[email]"}]}]}),
        ({"eve@example.com": 1, "n": {"eve@example.com": 2, "bob@example.com": 3}},
         {"[email]": 1, "n": {"[email]": 2, "[email]#2": 3}}),
        ({"[email]": 0, "eve@example.com": 1}, {"[email]": 0, "[email]#2": 1}),
        ({"n": 4111111111111111, "f": 4111111111111111.0, "l": [4111111111111111]}, {"n": "[card]", "f": "[card]", "l": ["[card]"]}),
        ({"n": -4111111111111111, "big": 10**18, "small": 1e-300, "t": True}, {"n": "[card]", "big": 10**18, "small": 1e-300, "t": True}),
        (b'{"m":"eve\\u0040example.com","\\u0065ve@example.com":1}', {"m": "[email]", "[email]": 1}),
        (b'{"m":"4111\\u00a01111\\u00a01111\\u00a01111"}', {"m": "[card]"}),
        (b'{"n":4.111111111111111e15,"m":4111.111111111111E12}', {"n": "[card]", "m": "[card]"}),
    ],
)  # fmt: skip
def test_covers_it_wherever_it_is(event: dict[str, Any] | bytes, after: dict[str, Any]) -> None:
    assert redacted(event) == after


@pytest.mark.parametrize(
    "line", [b'{"m":"eve@example.com","n":1e400}', b'{"m":"eve\\u0040example.com \\ud800"}']
)
def test_covers_it_in_what_is_no_json_that_can_be_read(line: bytes) -> None:
    after = redacted(line)["message"]
    assert "[email]" in after
    assert "example" not in after


@pytest.mark.parametrize(
    ("action", "after"),
    [
        ("mask", ["to [email]", "[ipv4]", "[card]", {"n": "[card]"}, "[jwt]"]),
        ("remove", ["to ", "", "", {"n": None}, ""]),
        ("partial", ["to e***@example.com", "192.0.*.*", "****1111", {"n": "****1111"}, "eyJh****"]),
    ],
)
def test_covers_as_the_option_says(action: str, after: list[Any]) -> None:
    given = ["to eve@example.com", "192.0.2.7", "4111-1111-1111-1111", {"n": 4111111111111111}, JWT]
    assert redacted({"l": given}, **{"with": action}) == {"l": after}


def test_a_pseudonym_is_the_same_for_all_ways_to_write_one_secret() -> None:
    def pseudonyms(key: str) -> list[str]:
        texts = [
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "eve@example.com",
            "EVE@example.com",
            "bob@example.com",
        ]
        return [message(text, key=key, **{"with": "hash"}) for text in texts]

    card, dashed, eve, capital, bob = pseudonyms("pepper")
    assert card == dashed
    assert eve == capital != bob
    assert card.startswith("card:")
    assert not set(pseudonyms("another")) & {card, eve, bob}


@pytest.mark.parametrize("fields", [[], ["user"], ["user.password", "message"]])
def test_a_cover_is_not_covered_again(fields: list[str]) -> None:
    options = {"patterns": ["email"], "names": ["password"], "with": "hash", "key": "k", "fields": fields}
    covered = redacted({"user": {"password": "hunter2"}, "message": ""}, **options)["user"]["password"]
    assert covered == redacted({"password": "hunter2"}, **options)["password"]
    assert re.fullmatch(r"password:[0-9a-f]{16}", covered)


def test_fields_by_name_go_wherever_they_are_and_however_they_are_written() -> None:
    event = {"password": "x", "a": [{"ApiKey": 7, "api-key": {"b": 1}, "user.password": "y", "passwords": 1, "password_": None}],
             "message": 'db_password=abc, {"api_key": "a \\"b"} \\"apiKey\\":\\"q\\" Password: Basic xyz'}  # fmt: skip
    assert redacted(event, patterns=[], names=["password", "apiKey"]) == {
        "password": "[password]",
        "a": [{"ApiKey": "[ApiKey]", "api-key": "[api-key]", "user.password": "[user.password]", "passwords": 1, "password_": None}],
        "message": 'db_password=[secret], {"api_key": "[secret]"} \\"apiKey\\":\\"[secret]\\" Password: [secret]',
    }  # fmt: skip
    assert redacted({"a_token": 1, "token": [2]}, names=["*token"], **{"with": "remove"}) == {}


def test_patterns_are_looked_for_in_the_named_fields_only() -> None:
    event = {
        "message": "eve@example.com",
        "to": "eve@example.com",
        "context": {"to": ["eve@example.com"]},
        "password": "x",
    }
    assert redacted(event, fields=["message", "context.to", "nowhere"], names=["password"]) == {
        "message": "[email]", "to": "eve@example.com", "context": {"to": ["[email]"]}, "password": "[password]",
    }  # fmt: skip


def test_own_patterns_see_the_text_as_it_is() -> None:
    own = {"name": "order", "pattern": r"^ord-\d+$", "ignore_case": True}
    assert redacted({"a": "ORD-12", "b": "an ORD-12", "c": "x*"}, patterns=[own, {"name": "none", "pattern": "x*"}]) == {
        "a": "[order]", "b": "an ORD-12", "c": "[none]*",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"with": "hash"}, "needs `key`"),
        ({"with": "hash", "key": ""}, "needs `key`"),
        ({"key": "x"}, "leave it out"),
        ({"patterns": [{"name": "a", "pattern": "("}]}, "no pattern"),
        ({"patterns": ["emails"]}, "email"),
        ({"patterns": []}, "covers nothing"),
    ],
)
def test_a_mistake_is_told(settings: dict[str, Any], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        redacting(**settings)


def test_nothing_is_decoded_where_nothing_is_found() -> None:
    events = Events(block_of([{"message": "all is well", "level": "info"}] * 3))
    redacting().build(context()).process(events)
    assert not events.changed


@pytest.mark.parametrize("kind", ORDER)
def test_a_glance_at_the_line_is_enough_for_each_kind_alone(kind: str) -> None:
    redactor = EventRedactor(redacting(patterns=[kind]))
    texts = [text for text, _ in COVERED]
    found = 0
    for text in texts + [
        "".join([chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text]) for text in texts
    ]:
        plain, escaped = (json.dumps({"m": [text]}, ensure_ascii=small).encode() for small in (False, True))
        if redactor.change({"m": [text]}):
            found += 1
            for line in (plain, escaped, plain.replace(b"/", b"\\/")):
                assert list(redactor.suspects([line])) == [0], line
    assert found > 1, "of both ways to write"
    assert not redactor.suspects(
        [
            b'{"timestamp":"2026-11-25T10:00:00.123Z","host":"web-1","message":"all is well","ns":1764064800123456789}'
        ]
    )


pieces = st.sampled_from(
    [
        "eve@example.com", "4111 1111 1111 1111", "192.0.2.7", "::1", "2001:db8::1", "+49 30 1234567", "123-45-6789", JWT, PEM,
        "AKIAIOSFODNN7EXAMPLE", "bearer abcdefgh", "ftp://u:p@h", "DE89370400440532013000", "password=", "\\u0040", "\\", '"', "@",
        "\uff14", ":", ".", "-", " ", "\t", "/", "1", "a", "é",
    ]
)  # fmt: skip


@given(
    texts=st.lists(st.lists(pieces | st.text(max_size=4), max_size=8).map("".join), min_size=1, max_size=4),
    ascii_only=st.booleans(),
)
def test_a_glance_at_the_line_misses_nothing(texts: list[str], ascii_only: bool) -> None:
    """Whatever would be found in an event makes its line suspect, however its JSON is written."""
    redactor = EventRedactor(redacting(names=["password"]))
    event = {f"k{n}{text}": [text, {"v": text}] for n, text in enumerate(texts)}
    line = json.dumps(event, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    changed = redactor.change(json.loads(line))
    assert list(redactor.suspects([line])) == [0] or not changed


@pytest.mark.parametrize(
    "text",
    ["a" * 200_000, "a@" * 100_000, "1" * 200_000, "4 " * 100_000, "1:" * 100_000, "eyJaaaaaaaa." * 15_000, "DE12" * 50_000, "://a:" * 40_000,
     "-----BEGIN PRIVATE KEY-----" * 7_000, "password=" * 20_000, "\\" * 200_000, "+1" * 100_000, "bearer " * 30_000, "1.1.1." * 30_000],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_takes_no_time_out_of_proportion(text: str) -> None:
    redactor = EventRedactor(redacting(names=["password"]))
    start = time.thread_time()
    redactor.change({"message": text})
    # The quadratic would take minutes; what is linear a fraction of a second, on the slowest of machines a few.
    assert time.thread_time() - start < 20


@pytest.mark.parametrize("lines", [[b'{"message":"eve@example.com","card":4111111111111111}', b"plain eve@example.com",
                                   b'{"message":"eve\\u0040example.com \\ud800"}', b'{"eve@example.com":{"password":"hunter2"}}']])  # fmt: skip
async def test_nothing_secret_reaches_the_disk(
    local: Callable[..., LocalDaemon], receiver: Receiver, tmp_path: Path, lines: list[bytes]
) -> None:
    receiver.stop()  # so that all stays in the journal
    daemon = local(processors=[{"type": "redact", "names": ["password"]}])
    await daemon.start()
    await daemon.write("tcp", b"\n".join(lines) + b"\n")
    assert await daemon.post(b"\n".join(lines) + b"\n") == 202

    def written() -> bytes:
        return b"".join([path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()])

    await eventually(lambda: written().count(b"[email]") >= 2 * len(lines), "all is written")
    assert await daemon.stop() == 0
    for secret in (b"example.com", b"4111", b"hunter2"):
        assert secret not in written()
    assert orjson.dumps("[card]") in written()
