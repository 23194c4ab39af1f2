"""The JSON Schema says what `load` says, and the masked configuration shows no secret."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from penstock.settings import Settings, load, masked, schema, without_secrets

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted({*(ROOT / "config").glob("*.yaml")} - {ROOT / "config/sandbox.yaml"})

SECRETS = """\
sources: {a: {type: stdin}}
destinations:
  hook:
    type: webhook
    url: https://me:hunter2@x/
    auth: {user: me, password: hunter2}
    headers: {X-Api-Key: hunter2, Accept: all}
    tags: [one]
admin: {token: hunter2}
"""


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    body = schema()
    jsonschema.Draft202012Validator.check_schema(body)
    return jsonschema.Draft202012Validator(body)


def test_there_are_examples() -> None:
    assert [path.name for path in EXAMPLES] == ["minimal.yaml", "penstock.yaml"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_are_good(path: Path, validator: jsonschema.Draft202012Validator) -> None:
    validator.validate(yaml.safe_load(path.read_text()))
    assert load(path, {}).destinations
    assert path.read_text().startswith("# yaml-language-server: $schema=penstock.schema.json\n")


def test_what_is_commented_out_is_good_too(
    tmp_path: Path, validator: jsonschema.Draft202012Validator
) -> None:
    text = (ROOT / "config/penstock.yaml").read_text()
    whole = re.sub(r"^( *)# ( *\w+:( |$))", r"\1\2", text, flags=re.MULTILINE)
    assert whole.count("#") < text.count("#") - 10
    validator.validate(yaml.safe_load(whole))
    path = tmp_path / "penstock.yaml"
    path.write_text(whole.replace("{file: /run/secrets/hook_token}", "text"))
    names = ("PENSTOCK_HTTP_TOKEN", "PENSTOCK_ADMIN_TOKEN", "HOOK_SIGNING_SECRET")
    assert load(path, dict.fromkeys(names, "whsec_c2VjcmV0")).sources.keys() == {
        "app",
        "app_udp",
        "web",
        "local",
    }


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("sources.app.type", "tpc"),
        ("sources.app.lisen", "127.0.0.1:1"),
        ("sources.app.listen", "here"),
        ("sources.My App", {"type": "stdin"}),
        ("sources", {}),
        ("destinations.hook.batch", {"events": 0}),
        ("destinations.hook.batch", {"bytes": "5 parsecs"}),
        ("destinations.hook.queue", {"when_full": "explode"}),
        ("destinations.hook.url", 3),
        ("destinations.hook.type", None),
        ("drain_timeout", "soon"),
        ("nowhere", {}),
    ],
)
def test_what_load_refuses_the_schema_refuses(
    change: str, value: Any, validator: jsonschema.Draft202012Validator
) -> None:
    data = yaml.safe_load((ROOT / "config/minimal.yaml").read_text())
    *path, last = change.split(".")
    part = data
    for key in path:
        part = part[key]
    part[last] = value
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(data)


def test_fields_stand_in_the_order_of_a_reader() -> None:
    body = schema()
    (named,) = body["properties"]["destinations"]["patternProperties"].values()
    for member in named["oneOf"]:
        kind = body["$defs"][member["$ref"].rpartition("/")[2]]
        names = list(kind["properties"])
        assert names[:2] == ["type", "enabled"]
        assert names[-6:] == ["batch", "queue", "retry", "dead_letter", "max_in_flight", "ordered"]
        assert "type" in kind["required"]


def test_defaults_are_written_as_people_write_them() -> None:
    body = schema()
    assert body["$defs"]["JournalSettings"]["properties"]["max_bytes"]["default"] == "10GiB"
    assert body["properties"]["drain_timeout"]["default"] == "20s"
    assert body["$defs"]["AdminSettings"]["properties"]["listen"]["default"] == "127.0.0.1:9470"


def test_no_secret_is_shown(read: Callable[..., Settings]) -> None:
    settings = read(SECRETS)
    shown = masked(settings)
    assert "hunter2" not in json.dumps(shown)
    hook = shown["destinations"]["hook"]
    assert hook["auth"] == {"user": "me", "password": "**********"}
    assert hook["url"] == "https://**********@x/"
    assert hook["headers"] == {"X-Api-Key": "**********", "Accept": "all"}
    assert hook["tags"] == ["one"]
    assert shown["journal"]["segment"] == "64MiB"
    assert list(hook)[:2] == ["type", "enabled"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://x/in?token=hunter2&a=1", "https://x/in?**********"),
        ("https://me:hunter2@x/?k=hunter2", "https://**********@x/?**********"),
        ("https://x/in", "https://x/in"),
        ("what? no URL", "what? no URL"),
    ],
)
def test_a_url_is_shown_without_what_may_be_a_secret(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
