"""What can be asked of the played CloudWatch Logs beside PutLogEvents: making and seeing groups and streams, reading.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Operations.html
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from penstock.sandbox.cloudwatch_groups import ACCOUNT, MOST, Group, Groups, Stream
from penstock.sandbox.cloudwatch_put import Complaint, complain

RETENTIONS: Final = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)
_GROUP: Final = r"[\.\-_/#A-Za-z0-9]+"
_STREAM: Final = r"[^:*]*"
_LONGEST: Final = 512
_PAGE: Final = 50
_MOST_READ: Final = 10_000

Parameters = Mapping[str, Any]


class Management:
    """The operations by their names."""

    def __init__(self, groups: Groups, region: str) -> None:
        self._groups = groups
        self._arn = f"arn:aws:logs:{region}:{ACCOUNT}:log-group:"
        self._operations: dict[str, Callable[[Parameters, int], dict[str, Any] | None]] = {
            "CreateLogGroup": self._create_group,
            "CreateLogStream": self._create_stream,
            "DeleteLogGroup": self._delete_group,
            "DescribeLogGroups": self._describe_groups,
            "DescribeLogStreams": self._describe_streams,
            "GetLogEvents": self._read,
            "ListTagsForResource": self._list_tags,
            "PutRetentionPolicy": self._retain,
            "TagResource": self._tag,
        }

    def do(self, operation: str, parameters: Parameters, now: int) -> dict[str, Any] | None:
        """The body of the answer, none where it has none; `now` is in milliseconds. Raises `Complaint`."""
        found = self._operations.get(operation)
        if found is None:
            raise Complaint("UnknownOperationException", "")
        return found(parameters, now)

    def _create_group(self, parameters: Parameters, now: int) -> None:
        name = _text(parameters, "logGroupName", _GROUP)
        if name.startswith("aws/"):
            raise Complaint(
                "InvalidParameterException", "Log groups starting with AWS/ are reserved for AWS."
            )
        if self._groups.get(name) is not None:
            raise Complaint("ResourceAlreadyExistsException", "The specified log group already exists")
        _limit(len(self._groups))
        tags, key = parameters.get("tags"), parameters.get("kmsKeyId")
        self._groups.add(Group(name, now, tags=_tags(tags), kms_key=key if isinstance(key, str) else ""))

    def _create_stream(self, parameters: Parameters, now: int) -> None:
        group_name, name = place(parameters)
        group = named(self._groups, group_name)
        if name in group.streams:
            raise Complaint("ResourceAlreadyExistsException", "The specified log stream already exists")
        _limit(len(group.streams))
        group.streams[name] = Stream(name, now)

    def _delete_group(self, parameters: Parameters, now: int) -> None:
        del now
        self._groups.remove(self._group(parameters).name)

    def _describe_groups(self, parameters: Parameters, now: int) -> dict[str, Any]:
        del now
        prefix = str(parameters.get("logGroupNamePrefix") or "")
        shown = [self._shown(group) for group in self._groups if group.name.startswith(prefix)]
        return _page(shown, "logGroups", parameters)

    def _describe_streams(self, parameters: Parameters, now: int) -> dict[str, Any]:
        del now
        group = self._group(parameters)
        prefix = str(parameters.get("logStreamNamePrefix") or "")
        shown = [
            {
                "logStreamName": stream.name,
                "creationTime": stream.created,
                "arn": f"{self._arn}{group.name}:log-stream:{stream.name}",
                "storedBytes": 0,  # the service has not told it since 2019
                **({} if stream.first is None else {"firstEventTimestamp": stream.first}),
                **({} if stream.last is None else {"lastEventTimestamp": stream.last}),
            }
            for _, stream in sorted(group.streams.items())
            if stream.name.startswith(prefix)
        ]
        return _page(shown, "logStreams", parameters)

    def _read(self, parameters: Parameters, now: int) -> dict[str, Any]:
        del now
        group_name, name = place(parameters)
        stream = named(self._groups, group_name).streams.get(name)
        if stream is None:
            raise Complaint("ResourceNotFoundException", "The specified log stream does not exist.")
        start, end = _number(parameters, "startTime", 0), _number(parameters, "endTime", 2**63)
        events = [event for event in stream.ordered() if start <= event.timestamp < end]
        limit = min(_number(parameters, "limit", _MOST_READ), _MOST_READ)
        token = str(parameters.get("nextToken") or "")
        position = int(token[2:]) if re.fullmatch(r"[fb]/\d{1,18}", token) else None
        if position is None:
            position = 0 if parameters.get("startFromHead") else max(0, len(events) - limit)
        elif token[0] == "b":
            limit, position = min(limit, position), max(0, position - limit)
        page = events[position : position + limit]
        return {
            "events": [
                {"timestamp": event.timestamp, "message": event.message, "ingestionTime": event.ingested}
                for event in page
            ],
            "nextForwardToken": f"f/{position + len(page)}",
            "nextBackwardToken": f"b/{position}",
        }

    def _retain(self, parameters: Parameters, now: int) -> None:
        del now
        group = self._group(parameters)
        days = parameters.get("retentionInDays")
        if days not in RETENTIONS:
            complain(
                f"Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
                f"Member must satisfy enum value set: {sorted(RETENTIONS)}"
            )
        group.retention = days

    def _tag(self, parameters: Parameters, now: int) -> None:
        del now
        self._by_arn(parameters).tags.update(_tags(parameters.get("tags")))

    def _list_tags(self, parameters: Parameters, now: int) -> dict[str, Any]:
        del now
        return {"tags": self._by_arn(parameters).tags}

    def _group(self, parameters: Parameters) -> Group:
        return named(self._groups, _text(parameters, "logGroupName", _GROUP))

    def _by_arn(self, parameters: Parameters) -> Group:
        return named(
            self._groups, str(parameters.get("resourceArn")).removeprefix(self._arn).removesuffix(":*")
        )

    def _shown(self, group: Group) -> dict[str, Any]:
        return {
            "logGroupName": group.name,
            "creationTime": group.created,
            "arn": f"{self._arn}{group.name}:*",
            "logGroupArn": f"{self._arn}{group.name}",
            "logGroupClass": "STANDARD",
            "metricFilterCount": 0,
            "storedBytes": sum(stream.size for stream in group.streams.values()),
            **({} if group.retention is None else {"retentionInDays": group.retention}),
            **({"kmsKeyId": group.kms_key} if group.kms_key else {}),
        }


def place(parameters: Parameters) -> tuple[str, str]:
    """The names of the group and of the stream. Raises `Complaint`."""
    return _text(parameters, "logGroupName", _GROUP), _text(parameters, "logStreamName", _STREAM)


def named(groups: Groups, name: str) -> Group:
    """The group of this name. Raises `Complaint` where there is none."""
    group = groups.get(name)
    if group is None:
        raise Complaint("ResourceNotFoundException", "The specified log group does not exist.")
    return group


def _text(parameters: Parameters, name: str, pattern: str) -> str:
    value = parameters.get(name)
    if value is None:
        complain(f"Value null at '{name}' failed to satisfy constraint: Member must not be null")
    if not isinstance(value, str):
        raise Complaint("SerializationException", "NUMBER_VALUE can not be converted to a String")
    says = f"Value '{value}' at '{name}' failed to satisfy constraint: Member must"
    wrong = [] if re.fullmatch(pattern, value) else [f"{says} satisfy regular expression pattern: {pattern}"]
    if not value:
        wrong.append(f"{says} have length greater than or equal to 1")
    if len(value) > _LONGEST:
        wrong.append(f"{says} have length less than or equal to {_LONGEST}")
    complain(*wrong)
    return value


def _number(parameters: Parameters, name: str, default: int) -> int:
    value = parameters.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default


def _tags(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise Complaint("SerializationException", "Start of structure or map found where not expected.")
    return dict(value)


def _limit(number: int) -> None:
    if number >= MOST:
        raise Complaint("LimitExceededException", "Resource limit exceeded.")


def _page(shown: list[dict[str, Any]], name: str, parameters: Parameters) -> dict[str, Any]:
    token = str(parameters.get("nextToken") or "")
    start = int(token) if token.isascii() and token.isdecimal() and len(token) < 10 else 0
    end = start + max(1, min(_number(parameters, "limit", _PAGE), _PAGE))
    more = {"nextToken": str(end)} if end < len(shown) else {}
    return {name: shown[start:end], **more}
