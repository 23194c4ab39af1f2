from pathlib import Path

import yaml

from penstock.clock import SystemClock
from penstock.sandbox import loading
from penstock.sandbox.greeting import credentials, greeting
from penstock.sandbox.settings import demonstration
from penstock.sandbox.stage import Stage
from penstock.settings import composed


def demo(**more: object) -> Stage:
    data = demonstration()
    for service in data["services"].values():
        service["listen"] = "127.0.0.1:0"
    return Stage(loading.checked({**data, "listen": "127.0.0.1:0", **more}, "a test"), SystemClock())


async def test_it_says_where_all_is_and_a_configuration_that_delivers_there() -> None:
    async with demo() as stage:
        lines = list(greeting(stage, with_secrets=True))
        said = [line.split() for line in lines]
        assert said[0][:2] == ["control", f"http://{stage.address}"]
        for name, server in stage.servers.items():
            assert [name, server.url] in said
            for _, secret in credentials(stage.settings.services[name]):
                assert any(line.endswith(f": {secret}") for line in lines)
        block = yaml.safe_load("\n".join(lines[lines.index("destinations:") :]))
    found = composed().model_validate({"sources": {"in": {"type": "stdin"}}, **block})
    assert list(found.destinations) == list(stage.servers)


async def test_secrets_of_ones_own_are_not_shown() -> None:
    hook = {"type": "webhook", "listen": "127.0.0.1:0", "auth": {"bearer": "hunter2"}}
    async with demo(services={"hook": hook}, seed=7, faults=[{"type": "hang"}]) as stage:
        text = "\n".join(greeting(stage, with_secrets=False))
    assert "hunter2" not in text
    assert "7, faults at the start: 1" in text


async def test_whom_to_trust_and_who_can_reach_it(tmp_path: Path) -> None:
    hook = {"type": "webhook", "listen": "0.0.0.0:0", "tls": True}
    async with demo(services={"hook": hook}, authority_file=str(tmp_path / "ca.pem")) as stage:
        lines = list(greeting(stage, with_secrets=True))
        assert ["trust", str(tmp_path / "ca.pem")] in [line.split() for line in lines]
        assert f"warning: open to the network: {stage.servers['hook'].address}" in lines
        block = yaml.safe_load("\n".join(lines[lines.index("destinations:") :]))
    assert block["destinations"]["hook"]["tls"] == {"ca_file": str(tmp_path / "ca.pem")}


async def test_a_certificate_that_is_not_written_is_fetched() -> None:
    hook = {"type": "webhook", "listen": "127.0.0.1:0", "tls": True}
    async with demo(services={"hook": hook}) as stage:
        said = [line.split() for line in greeting(stage, with_secrets=False)]
        assert ["trust", f"http://{stage.address}/authority.pem"] in said
