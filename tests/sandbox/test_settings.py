import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from penstock.errors import ConfigError
from penstock.fields import Address
from penstock.plugins import type_of
from penstock.sandbox import loading
from penstock.sandbox.settings import SandboxSettings, composed, demonstration, kinds, listens
from penstock.settings import schema

EXAMPLE = Path(__file__).parents[2] / "config/sandbox.yaml"
HOOK = {"type": "webhook"}


def settings(**more: Any) -> SandboxSettings:
    return loading.checked({"services": {"a": HOOK, "b": HOOK}, **more}, "a test")


def test_every_kind_is_found_and_its_example_can_be_played() -> None:
    assert "webhook" in kinds()
    found = loading.checked(demonstration(), "a test")
    assert {name: type_of(type(service)) for name, service in found.services.items()} == {
        name: name for name in kinds()
    }
    for service in found.services.values():
        service.build()


@pytest.mark.parametrize("name", kinds())
def test_each_tells_how_to_deliver_to_it(name: str) -> None:
    service = loading.checked(demonstration(), "a test").services[name]
    block = service.destination("http://127.0.0.1:1")
    assert block["type"] == name
    assert "http://127.0.0.1:1" in str(block)


def test_services_listen_at_the_ports_after_the_control() -> None:
    assert listens(settings()) == {"a": Address("127.0.0.1", 9481), "b": Address("127.0.0.1", 9482)}
    own = {"a": HOOK, "b": {**HOOK, "listen": "127.0.0.2:80"}, "c": HOOK}
    assert [str(address) for address in listens(settings(services=own)).values()] == [
        "127.0.0.1:9481", "127.0.0.2:80", "127.0.0.1:9483",
    ]  # fmt: skip
    assert {address.port for address in listens(settings(listen="127.0.0.1:0")).values()} == {0}


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    body = schema(composed(), "sandbox")
    jsonschema.Draft202012Validator.check_schema(body)
    return jsonschema.Draft202012Validator(body)


def test_the_example_is_good_and_what_is_commented_out_is_too(
    tmp_path: Path, validator: jsonschema.Draft202012Validator
) -> None:
    text = EXAMPLE.read_text()
    assert text.startswith("# yaml-language-server: $schema=sandbox.schema.json\n")
    whole = re.sub(r"^( *)# ( *(- \{|\w+: ))", r"\1\2", text, flags=re.MULTILINE)
    assert whole.count("#") < text.count("#") - 8
    for written in (text, whole):
        path = tmp_path / "sandbox.yaml"
        path.write_text(written)
        assert loading.load(path).faults
        validator.validate(yaml.safe_load(written))


@pytest.mark.parametrize(
    "part",
    [
        {"faults": [{"type": "status", "status": 503, "share": "2"}]},
        {"faults": [{"type": "status"}]},
        {"faults": [{"type": "hang", "fro": "1s"}]},
        {"services": {"My Hook": {"type": "webhook"}}},
        {"services": {"a": {"type": "webhook", "tls": "always"}}},
        {"nowhere": 1},
    ],
)
def test_what_is_refused_the_schema_refuses(
    part: dict[str, Any], validator: jsonschema.Draft202012Validator
) -> None:
    data = {"services": {"a": {"type": "webhook"}}, **part}
    with pytest.raises(ConfigError):
        loading.checked(data, "a test")
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(data)
