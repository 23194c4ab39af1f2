"""Verifies Signature Version 4, as a service of AWS does (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html).

Written from the specification, with nothing of what signs on the other side.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, unquote

from penstock.sandbox.service import Asked

ALGORITHM: Final = "AWS4-HMAC-SHA256"
TOLERANCE: Final = 300.0
"""Seconds by which a signature's time may be off."""
_TIME: Final = "%Y%m%dT%H%M%SZ"
_PARAMETER: Final = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")


@dataclass(frozen=True, slots=True)
class Denied:
    """Why a request is not let in, in the service's words."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Door:
    """Who is let in, and where."""

    keys: Mapping[str, str]
    """By access key id the secret access key."""
    region: str
    service: str
    tokens: Sequence[str] = ()
    """Session tokens; with any, each request must have one of them."""
    expired_tokens: Sequence[str] = ()

    def deny(self, asked: Asked) -> Denied | None:
        """Why this request is not let in; none where it is."""
        authorization = asked.headers.get("authorization", "")
        if not authorization:
            return Denied("MissingAuthenticationTokenException", "Missing Authentication Token")
        given = dict(_PARAMETER.findall(authorization))
        lacking = [name for name in ("Credential", "Signature", "SignedHeaders") if name not in given]
        if not authorization.startswith(ALGORITHM) or "x-amz-date" not in asked.headers:
            lacking.append("X-Amz-Date")
        if lacking:
            told = " ".join(f"Authorization header requires '{name}' parameter." for name in lacking)
            return Denied(
                "IncompleteSignatureException", f"{told} Authorization={authorization.partition(' ')[0]}"
            )
        key_id, *scope = given["Credential"].split("/")
        return (
            self._deny_scope(asked, scope)
            or self._deny_key(asked, key_id)
            or _deny_time(asked)
            or _deny_headers(asked, given["SignedHeaders"].split(";"))
            or self._deny_signature(asked, key_id, given)
        )

    def _deny_scope(self, asked: Asked, scope: Sequence[str]) -> Denied | None:
        day = asked.headers["x-amz-date"][:8]
        if len(scope) != 4:
            return Denied(
                "IncompleteSignatureException", "Credential must have exactly 5 slash-delimited elements."
            )
        wrong = ""
        if scope[0] != day:
            wrong = f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{scope[0]}' != '{day}'."
        elif scope[1] != self.region:
            wrong = f"Credential should be scoped to a valid region, not '{scope[1]}'."
        elif scope[2] != self.service:
            wrong = f"Credential should be scoped to correct service: '{self.service}'."
        elif scope[3] != "aws4_request":
            wrong = f"Credential should be scoped with a valid terminator: 'aws4_request', not '{scope[3]}'."
        return Denied("InvalidSignatureException", wrong) if wrong else None

    def _deny_key(self, asked: Asked, key_id: str) -> Denied | None:
        token = asked.headers.get("x-amz-security-token", "")
        if token in self.expired_tokens:
            return Denied("ExpiredTokenException", "The security token included in the request is expired")
        known = token in self.tokens if self.tokens else not token
        if key_id not in self.keys or not known:
            return Denied(
                "UnrecognizedClientException", "The security token included in the request is invalid."
            )
        return None

    def _deny_signature(self, asked: Asked, key_id: str, given: Mapping[str, str]) -> Denied | None:
        day, time = asked.headers["x-amz-date"][:8], asked.headers["x-amz-date"]
        canonical = _canonical(asked, given["SignedHeaders"])
        scope = f"{day}/{self.region}/{self.service}/aws4_request"
        to_sign = "\n".join([ALGORITHM, time, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = f"AWS4{self.keys[key_id]}".encode()
        for part in (day, self.region, self.service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        if hmac.compare_digest(hmac.digest(key, to_sign.encode(), "sha256").hex(), given["Signature"]):
            return None
        return Denied(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
            "Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this "
            f"request should have been\n'{canonical}'\n\nThe String-to-Sign should have been\n'{to_sign}'\n",
        )


def _deny_time(asked: Asked) -> Denied | None:
    given, now = asked.headers["x-amz-date"], asked.received
    try:
        time = datetime.strptime(given, _TIME).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return Denied(
            "IncompleteSignatureException", f"Date must be in ISO-8601 'basic format'. Got '{given}'."
        )
    if abs(time - now) <= TOLERANCE:
        return None
    early = time < now
    bound = now - TOLERANCE if early else now + TOLERANCE
    what = "expired" if early else "not yet current"
    than, sign = ("now earlier", "-") if early else ("still later", "+")
    return Denied(
        "InvalidSignatureException",
        f"Signature {what}: {given} is {than} than {_stamp(bound)} ({_stamp(now)} {sign} 5 min.)",
    )


def _deny_headers(asked: Asked, signed: Sequence[str]) -> Denied | None:
    for name in ["host", *sorted(name for name in asked.headers if name.startswith("x-amz-"))]:
        if name not in signed:
            shown = "'Host' or ':authority'" if name == "host" else f"'{name}'"
            return Denied(
                "InvalidSignatureException", f"{shown} must be a 'SignedHeader' in the AWS Authorization."
            )
    missing = [name for name in signed if name not in asked.headers]
    return (
        Denied("InvalidSignatureException", f"'{missing[0]}' is signed, and not there.") if missing else None
    )


def _canonical(asked: Asked, signed: str) -> str:
    path, _, query = asked.target.partition("?")
    pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
    escaped = sorted((_escape(unquote(name)), _escape(unquote(value))) for name, value in pairs)
    headers = "".join([f"{name}:{' '.join(asked.headers[name].split())}\n" for name in signed.split(";")])
    return "\n".join(
        [
            asked.method,
            quote(path or "/", safe="/-_.~"),  # escaped twice, as it came escaped
            "&".join([f"{name}={value}" for name, value in escaped]),
            headers,
            signed,
            hashlib.sha256(asked.raw).hexdigest(),  # whatever the request says that it is
        ]
    )


def _escape(text: str) -> str:
    return quote(text, safe="-_.~")


def _stamp(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime(_TIME)
