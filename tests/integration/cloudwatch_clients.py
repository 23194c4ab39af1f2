"""boto3, as its users have it. Where it is not installed, whoever imports this is skipped."""

from typing import Any, Final

import pytest

boto3 = pytest.importorskip("boto3", reason="boto3 is not here: make .venv/.clients")
Config = pytest.importorskip("botocore.config").Config

REGION: Final = "us-east-1"


def client(kind: str, url: str, key: str = "root", secret: str = "root") -> Any:
    return boto3.client(
        kind,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )


def read(logs: Any, group: str, stream: str) -> list[tuple[int, str]]:
    """All of a stream, page by page, as its readers do it."""
    found: list[tuple[int, str]] = []
    token: dict[str, str] = {}
    while True:
        page = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, **token)
        found += [(event["timestamp"], event["message"]) for event in page["events"]]
        if token.get("nextToken") == page["nextForwardToken"]:
            return found
        token = {"nextToken": page["nextForwardToken"]}


def streams(logs: Any, group: str) -> list[str]:
    pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=group)
    return [stream["logStreamName"] for page in pages for stream in page["logStreams"]]
