"""The played CloudWatch Logs, asked as its clients ask."""

import json
from typing import Any

import botocore.session
import pytest

from penstock.sandbox.cloudwatch import PlayedCloudWatch, PlayedCloudWatchSettings
from penstock.sandbox.cloudwatch_groups import Groups, LogEvent, Stream
from penstock.sandbox.cloudwatch_manage import RETENTIONS
from penstock.sandbox.service import Answered, Asked, Spoil, Worded, sound

NOW = 1_793_000_000.0
MS = 1_793_000_000_000
PLACE = {"logGroupName": "g", "logStreamName": "s"}


def service(**settings: Any) -> PlayedCloudWatch:
    given = {"type": "cloudwatch", "signatures": False, **settings}
    return PlayedCloudWatchSettings.model_validate(given).build()


def answered(played: PlayedCloudWatch, operation: str, parameters: Any, spoil: Spoil = sound) -> Answered:
    body = parameters if isinstance(parameters, bytes) else json.dumps(parameters).encode()
    headers = {"x-amz-target": f"Logs_20140328.{operation}", "content-type": "application/x-amz-json-1.1"}
    return played.answer(Asked("POST", "/", headers, body, body, NOW), spoil)


def ask(played: PlayedCloudWatch, operation: str, **parameters: Any) -> dict[str, Any]:
    answer = answered(played, operation, parameters)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = json.loads(answer.body or b"{}")
    return found


def refusal(answer: Answered) -> tuple[int, str, str]:
    told = json.loads(answer.body)
    return answer.status, told["__type"], told["message"]


@pytest.fixture
def played() -> PlayedCloudWatch:
    """With one group and one stream."""
    made = service()
    ask(made, "CreateLogGroup", logGroupName="g", tags={"team": "shop"})
    ask(made, "CreateLogStream", **PLACE)
    return made


def events(*messages: str, at: int = MS) -> list[dict[str, Any]]:
    return [{"timestamp": at + number, "message": message} for number, message in enumerate(messages)]


def test_what_was_put_can_be_read(played: PlayedCloudWatch) -> None:
    answer = answered(played, "PutLogEvents", {**PLACE, "logEvents": events("a", "é", "c")})
    assert (answer.status, answer.refused) == (200, 0)
    assert set(json.loads(answer.body)) == {"nextSequenceToken"}
    assert json.loads(answer.accepted[1].event) == {**PLACE, "timestamp": MS + 1, "message": "é"}
    ask(played, "PutLogEvents", **PLACE, logEvents=events("before", at=MS - 5))
    found = ask(played, "GetLogEvents", **PLACE, startFromHead=True)["events"]
    assert [event["message"] for event in found] == ["before", "a", "é", "c"]
    assert all(event["ingestionTime"] == MS for event in found)


def test_reading_page_by_page(played: PlayedCloudWatch) -> None:
    ask(played, "PutLogEvents", **PLACE, logEvents=events(*"abcdefg"))

    def page(**parameters: Any) -> tuple[str, str, str]:
        found = ask(played, "GetLogEvents", **PLACE, limit=3, **parameters)
        return (
            "".join(event["message"] for event in found["events"]),
            found["nextForwardToken"],
            found["nextBackwardToken"],
        )

    first, forward, _ = page(startFromHead=True)
    second, forward, backward = page(nextToken=forward)
    third, forward, _ = page(nextToken=forward)
    nothing, again, _ = page(nextToken=forward)
    assert (first, second, third, nothing, again) == ("abc", "def", "g", "", forward)
    assert page(nextToken=backward)[0] == "abc"
    assert page()[0] == "efg", "without more it begins at the end"
    assert page(startTime=MS + 2, endTime=MS + 4, startFromHead=True)[0] == "cd"


def test_groups_and_streams_are_described(played: PlayedCloudWatch) -> None:
    ask(played, "PutLogEvents", **PLACE, logEvents=events("a", "b"))
    ask(played, "PutRetentionPolicy", logGroupName="g", retentionInDays=30)
    (group,) = ask(played, "DescribeLogGroups", logGroupNamePrefix="g")["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"], group["storedBytes"]) == ("g", 30, 54)
    (stream,) = ask(played, "DescribeLogStreams", logGroupName="g")["logStreams"]
    assert (stream["logStreamName"], stream["firstEventTimestamp"], stream["lastEventTimestamp"]) == (
        "s",
        MS,
        MS + 1,
    )
    assert ask(played, "DescribeLogGroups", logGroupNamePrefix="x")["logGroups"] == []
    ask(played, "TagResource", resourceArn=group["logGroupArn"], tags={"stage": "test"})
    assert ask(played, "ListTagsForResource", resourceArn=group["logGroupArn"]) == {
        "tags": {"team": "shop", "stage": "test"}
    }
    ask(played, "DeleteLogGroup", logGroupName="g")
    assert ask(played, "DescribeLogGroups")["logGroups"] == []


def test_long_lists_come_in_pages(played: PlayedCloudWatch) -> None:
    for number in range(60):
        ask(played, "CreateLogStream", logGroupName="g", logStreamName=f"n{number:02d}")
    first = ask(played, "DescribeLogStreams", logGroupName="g", logStreamNamePrefix="n")
    rest = ask(
        played, "DescribeLogStreams", logGroupName="g", logStreamNamePrefix="n", nextToken=first["nextToken"]
    )
    assert [len(page["logStreams"]) for page in (first, rest)] == [50, 10]
    assert "nextToken" not in rest


NO_GROUP = "The specified log group does not exist."
NO_STREAM = "The specified log stream does not exist."


@pytest.mark.parametrize(
    ("operation", "parameters", "code", "told"),
    [
        ("PutLogEvents", {"logGroupName": "h", "logStreamName": "s"}, "ResourceNotFoundException", NO_GROUP),
        ("PutLogEvents", {"logGroupName": "g", "logStreamName": "t"}, "ResourceNotFoundException", NO_STREAM),
        ("GetLogEvents", {"logGroupName": "g", "logStreamName": "t"}, "ResourceNotFoundException", NO_STREAM),
        ("CreateLogStream", {"logGroupName": "h", "logStreamName": "t"}, "ResourceNotFoundException", NO_GROUP),
        ("PutRetentionPolicy", {"logGroupName": "h", "retentionInDays": 1}, "ResourceNotFoundException", NO_GROUP),
        ("CreateLogGroup", {"logGroupName": "g"}, "ResourceAlreadyExistsException", "The specified log group already exists"),
        ("CreateLogStream", PLACE, "ResourceAlreadyExistsException", "The specified log stream already exists"),
        ("CreateLogGroup", {"logGroupName": "a b"}, "InvalidParameterException", "regular expression pattern"),
        ("CreateLogGroup", {"logGroupName": "g" * 513}, "InvalidParameterException", "less than or equal to 512"),
        ("CreateLogGroup", {"logGroupName": "aws/x"}, "InvalidParameterException", "reserved"),
        ("CreateLogGroup", {"logGroupName": "t", "tags": {"a": 1}}, "SerializationException", ""),
        ("CreateLogGroup", {}, "InvalidParameterException", "Value null at 'logGroupName'"),
        ("CreateLogGroup", {"logGroupName": 7}, "SerializationException", ""),
        ("CreateLogStream", {"logGroupName": "g", "logStreamName": "a:b"}, "InvalidParameterException", "pattern"),
        ("CreateLogStream", {"logGroupName": "g", "logStreamName": ""}, "InvalidParameterException", "length greater"),
        ("PutRetentionPolicy", {"logGroupName": "g", "retentionInDays": 31}, "InvalidParameterException", "enum value set"),
        ("StartQuery", {}, "UnknownOperationException", ""),
        ("CreateLogGroup", b"{", "SerializationException", ""),
        ("CreateLogGroup", b"[" * 3000, "SerializationException", ""),
        ("CreateLogGroup", b"[]", "SerializationException", ""),
    ],
)  # fmt: skip
def test_what_it_refuses(
    played: PlayedCloudWatch, *, operation: str, parameters: Any, code: str, told: str
) -> None:
    if operation == "PutLogEvents":
        parameters = {**parameters, "logEvents": events("x")}
    status, found, message = refusal(answered(played, operation, parameters))
    assert (status, found) == (400, code)
    assert told in message


def test_who_asks_is_checked_first() -> None:
    asked = Asked("POST", "/", {"x-amz-target": "Logs_20140328.Whatever"}, b"{}", b"{}", NOW)
    assert refusal(service(signatures=True).answer(asked))[1] == "MissingAuthenticationTokenException"
    assert refusal(service().answer(asked))[1] == "UnknownOperationException"
    denied = refusal(answered(service(denied=["CreateLogGroup"]), "CreateLogGroup", {"logGroupName": "g"}))
    assert denied[1] == "AccessDeniedException"
    assert "logs:CreateLogGroup" in denied[2]


def test_what_is_out_of_time_is_left_out_of_a_yes(played: PlayedCloudWatch) -> None:
    old, new = MS - 15 * 86_400_000, MS + 7_300_000
    put = {**PLACE, "logEvents": [*events("old", at=old), *events("good"), *events("new", at=new)]}
    answer = answered(played, "PutLogEvents", put)
    info = json.loads(answer.body)["rejectedLogEventsInfo"]
    assert info == {"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 2}
    assert (answer.status, len(answer.accepted), answer.refused) == (200, 1, 2)


@pytest.mark.parametrize(
    ("spoiled", "info", "kept"),
    [
        ({0}, {"tooOldLogEventEndIndex": 1}, "bcd"),
        ({3}, {"tooNewLogEventStartIndex": 3}, "abc"),
        ({0, 1, 3}, {"tooOldLogEventEndIndex": 2, "tooNewLogEventStartIndex": 3}, "c"),
        ({1}, None, "abcd"),
        ({0, 1, 2, 3}, {"tooOldLogEventEndIndex": 4}, ""),
    ],
)
def test_only_the_ends_can_be_spoiled(
    played: PlayedCloudWatch, *, spoiled: set[int], info: dict[str, int] | None, kept: str
) -> None:
    answer = answered(
        played, "PutLogEvents", {**PLACE, "logEvents": events(*"abcd")}, lambda at: at in spoiled
    )
    assert json.loads(answer.body).get("rejectedLogEventsInfo") == info
    assert "".join([json.loads(found.event)["message"] for found in answer.accepted]) == kept
    assert answer.refused == 4 - len(kept)


def test_an_older_service_takes_smaller_events() -> None:
    old = service(max_event="256KiB")
    ask(old, "CreateLogGroup", logGroupName="g")
    ask(old, "CreateLogStream", **PLACE)
    answer = answered(old, "PutLogEvents", {**PLACE, "logEvents": events("x" * 262_119)})
    assert refusal(answer)[2] == "Log event too large: 262145 bytes exceeds limit of 262144"


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (429, (400, "ThrottlingException", "Rate exceeded")),
        (503, (503, "ServiceUnavailableException", "The service cannot complete the request.")),
        (500, (500, "InternalFailure", "An internal error occurred.")),
        (403, (400, "AccessDeniedException", "User is not authorized to perform this action")),
    ],
)
def test_its_words_for_being_unwell(status: int, answer: tuple[int, str, str]) -> None:
    played = service()
    assert isinstance(played, Worded)
    assert refusal(played.words(status)) == answer


def test_it_keeps_no_more_than_it_may() -> None:
    groups, stream = Groups(kept_bytes=100), Stream("s", 0)
    groups.take(stream, [LogEvent(n, "x", 0) for n in range(10)], [27] * 10)
    assert [event.timestamp for event in stream.ordered()] == [7, 8, 9]
    assert (stream.count, stream.size, stream.first, stream.last) == (10, 270, 0, 9)


def test_it_tells_how_to_deliver_to_it() -> None:
    settings = PlayedCloudWatchSettings.model_validate({"type": "cloudwatch", "session_tokens": ["t"]})
    told = settings.destination("http://127.0.0.1:1")
    assert told["auth"] == {
        "access_key_id": settings.access_key_id,
        "secret_access_key": "sandbox",
        "session_token": "t",
    }
    assert (told["type"], told["endpoint"]) == ("cloudwatch", "http://127.0.0.1:1")


def test_its_retentions_are_those_of_the_services_model() -> None:
    """As botocore's copy of it tells them."""
    shapes = botocore.session.get_session().get_service_model("logs").shape_for("Days")
    words = shapes.documentation.partition("Possible values are: ")[2].partition("</p>")[0]
    assert {int(word.strip(" .")) for word in words.replace("and", "").split(",")} == RETENTIONS
