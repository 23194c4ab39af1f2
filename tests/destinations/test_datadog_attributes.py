"""What events lack comes from the settings, what they have stays."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from penstock.columns import Columns
from penstock.destinations.datadog_attributes import Attribute, More, Tags, member
from penstock.testing.contract import batch_of


def read(more: More, count: int) -> list[dict[str, Any]]:
    each = [more] * count if isinstance(more, bytes) else more
    return [json.loads(b"{" + text[1:] + b"}") for text in each]


def added(name: str, text: str, *events: Any) -> list[dict[str, Any]]:
    attribute, batch = Attribute(name, text), batch_of(events)
    values = dict(zip(attribute.paths, Columns(attribute.paths).read(batch), strict=True))
    return read(attribute.more(batch, values, [0.0] * batch.count), batch.count)


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("ddsource", "ddsource"), ("service", "service"), ("hostname", "hostname"), ("hostname", "host"),
        ("status", "status"), ("status", "level"), ("status", "severity"),
    ],
)  # fmt: skip
def test_an_event_keeps_its_own(name: str, own: str) -> None:
    assert added(name, "mine", {own: "theirs"}, {}, {own: None}) == [{}, {name: "mine"}, {name: "mine"}]
    assert added(name, "mine", {}, {}) == [{name: "mine"}] * 2
    assert added(name, "mine", {own: 0}, {own: ""}, {own: {}}) == [{}] * 3


def test_a_template_may_take_what_the_intake_would_find_by_itself() -> None:
    assert added("hostname", "{host}.example", {"host": "a"}, {"host": "b", "hostname": "c"}, {}) == [{"hostname": "a.example"}, {}, {}]  # fmt: skip
    assert added("service", "{app|shop}-%Y", {"app": 'od"d'}, {}) == [{"service": 'od"d-1970'}, {"service": "shop-1970"}]  # fmt: skip
    assert added("service", "{app}", {"app": ""}) == [{}]


def tagged(texts: Sequence[str], *events: Any) -> tuple[list[dict[str, Any]], list[int]]:
    tags, batch = Tags(texts), batch_of(events)
    values = dict(
        zip(dict.fromkeys(tags.paths), Columns(list(dict.fromkeys(tags.paths))).read(batch), strict=True)
    )
    more, instead = tags.more(batch, values, [0.0] * batch.count)
    return read(more, batch.count), instead


def test_tags_are_joined_and_merged_with_those_of_the_event() -> None:
    made, instead = tagged(["env:prod", "team:a"], {}, {"ddtags": "x:y, env:prod,"}, {"ddtags": ["z", 1, None, 1.5]}, {"ddtags": {"k": "v", "n": 2}})  # fmt: skip
    assert made == [
        {"ddtags": "env:prod,team:a"},
        {"ddtags": "env:prod,team:a,x:y"},
        {"ddtags": "env:prod,team:a,z,1"},
        {"ddtags": "env:prod,team:a,k:v,n:2"},
    ]
    assert instead == [1, 2, 3]


def test_without_tags_of_ours_text_stays_and_a_list_becomes_text() -> None:
    assert tagged([], {}, {"ddtags": "a,b"}, {"ddtags": ["a", "b"]}, {"ddtags": []}) == ([{}, {}, {"ddtags": "a,b"}, {}], [2, 3])  # fmt: skip


def test_tags_with_fields() -> None:
    made, instead = tagged(
        ["pod:{k.pod}", "env:prod"], {"k": {"pod": "a"}}, {"k.pod": "b,c"}, {}, {"ddtags": "x"}
    )
    assert [event["ddtags"] for event in made] == [
        "pod:a,env:prod",
        "pod:b_c,env:prod",
        "env:prod",
        "env:prod,x",
    ]
    assert instead == [3]
    assert tagged(["pod:{pod}"], {}) == ([{}], [])


def test_a_member_is_json() -> None:
    assert read(member("a", 'é"\\\n💧'), 1) == [{"a": 'é"\\\n💧'}]
