"""What a service of AWS says went wrong: its name for it, and what it means for who asks.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html. The name comes in a JSON body,
in a header, or, from what stands before a service, in XML.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from penstock.destinations.answers import describe, epoch_of, json_object
from penstock.destinations.aws import AwsSigning
from penstock.destinations.base import Blocked, Retry
from penstock.exchange import Answer, Failure, FailureKind, Response

_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
_UNKNOWN: Final = frozenset(
    {"UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "InvalidToken"}
)
_SIGNATURE: Final = frozenset({"InvalidSignatureException", "SignatureDoesNotMatch", "InvalidSignature"})
_CLOCK: Final = frozenset({"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"})
_CLOCK_WORDS: Final = re.compile(r"signature (expired|not yet current)", re.IGNORECASE)
"""That it is about the time a wrong signature says in its text alone."""
_SHUT: Final = frozenset(
    {
        "AccessDenied", "AccessDeniedException", "AuthFailure", "IncompleteSignature", "IncompleteSignatureException",
        "MissingAuthenticationToken", "MissingAuthenticationTokenException", "NotAuthorized", "OptInRequired",
        "SubscriptionRequiredException", "UnauthorizedAccess", "UnauthorizedOperation",
    }
)  # fmt: skip
_CANONICAL: Final = re.compile(r"\s*The Canonical String.*", re.DOTALL)
"""What follows repeats the request with its headers, of which one may be a token."""
_XML: Final = re.compile(rb"<(Code|Message)>([^<]*)</\1>")


@dataclass(frozen=True, slots=True)
class AwsError:
    """What an answer says went wrong; both empty where it says nothing that can be read."""

    code: str = ""
    """Without namespace: `ThrottlingException`."""
    message: str = ""

    @classmethod
    def of(cls, answer: Response) -> "AwsError":
        """Reads it, wherever it stands."""
        told = json_object(answer.body)
        if not told:
            told = {
                key.decode().lower(): text.decode(errors="replace") for key, text in _XML.findall(answer.body)
            }
        header = answer.headers.get("x-amzn-errortype", "")
        code = next(
            (
                text
                for text in (told.get("__type"), told.get("code"), header)
                if isinstance(text, str) and text
            ),
            "",
        )
        message = next(
            (text for text in (told.get("message"), told.get("Message")) if isinstance(text, str)), ""
        )
        # `com.amazonaws.logs#ThrottlingException`, or in the header `ThrottlingException:http://…`.
        return cls(code.rpartition("#")[2].partition(":")[0], _CANONICAL.sub("", message))


def reason_of(answer: Response, error: AwsError) -> str:
    """The answer in one line, for people."""
    if not error.code:
        return describe(answer)
    text = f"{error.code}: {error.message}" if error.message else error.code
    return describe(replace(answer, body=text.encode(errors="replace")))


def judge_identity(signing: AwsSigning, answer: Answer) -> Retry | Blocked | None:
    """The verdict where it is about who asks, or about the time; none where it is about anything else.

    The signing is told what follows for the next request: other credentials, another time. What was decided
    for this batch does not depend on that.
    """
    if isinstance(answer, Failure):
        return Blocked(answer.detail) if answer.kind is FailureKind.CREDENTIALS else None
    if 200 <= answer.status < 300:
        return None
    error = AwsError.of(answer)
    reason = reason_of(answer, error)
    if error.code in _CLOCK or (error.code in _SIGNATURE and _CLOCK_WORDS.search(error.message)):
        date = epoch_of(answer.headers.get("date", ""))
        if date:
            signing.correct_clock(date - answer.received)
            return Retry(reason)
        return Blocked(f"{reason} (set this machine's clock)")
    if error.code in _EXPIRED and signing.forget(answer.received):
        return Retry(reason)
    if error.code in _UNKNOWN:
        signing.forget(answer.received)
    shut = error.code in _EXPIRED | _UNKNOWN | _SIGNATURE | _SHUT
    return Blocked(reason) if shut else None
