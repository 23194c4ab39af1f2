"""rsyslog and syslog-ng as processes of a test: each takes messages at a socket of its own and forwards them."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from penstock.testing.process import dies_with_us
from penstock.testing.waiting import wait_for

UNPACKED: Final = Path(os.environ.get("PENSTOCK_TEST_RSYSLOG", "/opt/rsyslog"))
"""Where the package of rsyslog may have been unpacked, as it cannot be installed beside syslog-ng."""

_RSYSLOG: Final = """\
global(workDirectory="{folder}" localHostname="relay" {globals})
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="{folder}/in" UseSpecialParser="off" RateLimit.Interval="0" UseSysTimeStamp="off" IgnoreTimestamp="off")
action(type="omfwd" target="127.0.0.1" port="{port}" template="{template}" action.resumeRetryCount="-1" {options})
"""
_SYSLOG_NG: Final = """\
@version: {version}
options {{ keep-hostname(yes); stats-freq(0); time-reopen(1); ts-format(iso); frac-digits(3); }};
source s {{ unix-dgram("{folder}/in" flags(syslog-protocol)); }};
destination d {{ {driver} }};
log {{ source(s); destination(d); flags(flow-control); }};
"""


def program(name: str) -> str:
    """Where it is; skips the test where it is not."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@contextmanager
def rsyslog(folder: Path, port: int, template: str, options: str, settings: str = "") -> Iterator[Path]:
    """Forwards to `port`; the path of the socket at which it takes messages."""
    command, environ = _rsyslogd(needs="lmnsd_ossl.so" if "ossl" in options else "")
    config = folder / "rsyslog.conf"
    config.write_text(
        _RSYSLOG.format(folder=folder, port=port, template=template, options=options, globals=settings)
    )
    with _running([*command, "-n", "-f", str(config), "-i", str(folder / "pid")], folder, environ):
        yield folder / "in"


@contextmanager
def syslog_ng(folder: Path, driver: str) -> Iterator[Path]:
    """The same, through a driver of syslog-ng's."""
    syslog_ng = program("syslog-ng")
    told = subprocess.run([syslog_ng, "--version"], capture_output=True, check=True, timeout=20).stdout
    version = re.search(rb"Config version: (\S+)", told)
    config = folder / "syslog-ng.conf"
    config.write_text(
        _SYSLOG_NG.format(version=version[1].decode() if version else "3.38", folder=folder, driver=driver)
    )
    command = [syslog_ng, "-F", "--no-caps", "-f", str(config), "-R", str(folder / "persist")]
    with _running([*command, "-p", str(folder / "pid"), "-c", str(folder / "control")], folder, {}):
        yield folder / "in"


def hand_over(path: Path, messages: Sequence[bytes]) -> None:
    """Sends a datagram each to a socket that may be about to appear."""
    wait_for(path.exists, f"{path} to be there", 20)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.connect(os.fsencode(path))
        for message in messages:
            sender.send(message)


def _rsyslogd(needs: str) -> tuple[list[str], dict[str, str]]:
    """How to run it, with a module that it needs."""
    found = shutil.which("rsyslogd")
    root = Path("/") if found else UNPACKED
    command = [found or str(root / "usr/sbin/rsyslogd")]
    environ: dict[str, str] = {}
    modules = next(root.glob("usr/lib*/*/rsyslog"), None) or next(root.glob("usr/lib*/rsyslog"), None)
    if not found:
        if modules is None:
            pytest.skip(f"rsyslogd is not installed, nor unpacked to {root}")
        libraries = [*root.glob("usr/lib/*-linux-*"), *root.glob("lib/*-linux-*")]
        command += ["-M", str(modules)]
        environ = {"LD_LIBRARY_PATH": ":".join(map(str, libraries))}
    if needs and not (modules and (modules / needs).exists()):
        pytest.skip(f"this rsyslog has no {needs}")
    return command, environ


@contextmanager
def _running(command: list[str], folder: Path, environ: dict[str, str]) -> Iterator[None]:
    log = folder / "forwarder.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*dies_with_us(), *command], stdout=out, stderr=out, env={**os.environ, "LC_ALL": "C", **environ}
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        sys.stdout.write(log.read_text(errors="replace"))
