import asyncio
import ssl
import sys
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
import uvloop

from penstock.clock import SystemClock
from penstock.errors import PluginError
from penstock.sandbox import loading
from penstock.sandbox.stage import Stage
from penstock.sandbox.tls import Authority


def stage(*faults: dict[str, Any], **more: Any) -> Stage:
    hook = {"type": "webhook", "listen": "127.0.0.1:0", "tls": True}
    data = {"listen": "127.0.0.1:0", "services": {"hook": hook}, "faults": list(faults), **more}
    return Stage(loading.checked(data, "a test"), SystemClock())


async def ask(made: Stage) -> int:
    """Over a new connection, as a client that trusts the authority of the sandbox."""
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://{made.address}/authority.pem") as response:
            pem = await response.text()
        trust = ssl.create_default_context(cadata=pem)
        async with session.get(f"{made.servers['hook'].url}/", ssl=trust) as response:
            return response.status


def met(fault: dict[str, Any] | None, loop: Callable[[], Any] | None = None) -> list[object]:
    """What each of two clients gets: the status, or what is wrong."""

    async def play() -> list[object]:
        async with stage(*([fault] if fault else [])) as made:
            seen: list[object] = []
            for _ in range(2):
                try:
                    seen.append(await ask(made))
                except aiohttp.ClientConnectorCertificateError as exc:
                    seen.append(exc.certificate_error.verify_message)  # type: ignore[attr-defined] # as ssl has it
                except aiohttp.ClientConnectorError as exc:
                    seen.append(f"broken off: {exc}")
            return seen

    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(play())


@pytest.mark.parametrize("loop", [None, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize(
    ("certificate", "seen"),
    [
        ("untrusted", "certificate"),
        ("expired", "expired"),
        ("wrong_name", "mismatch"),
        (None, "broken off"),
    ],
)
def test_one_connection_is_met_and_the_next_is_well(
    certificate: str | None, seen: str, loop: Callable[[], Any] | None
) -> None:
    first, second = met({"type": "tls", "certificate": certificate, "count": 1}, loop)
    assert seen in str(first)
    assert second == 405


def test_without_faults_the_certificate_is_good() -> None:
    assert met(None) == [405, 405]


async def test_the_authority_is_written_where_clients_look_for_it(tmp_path: Any) -> None:
    path = tmp_path / "authority.pem"
    async with stage(authority_file=str(path)):
        trust = ssl.create_default_context(cafile=path)
        assert len(trust.get_ca_certs()) == 1


def test_without_the_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(PluginError, match=r"pip install 'penstock\[sandbox\]'"):
        Authority()
