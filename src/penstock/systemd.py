"""Telling systemd how it goes: sd_notify(3), the datagrams that a unit of `Type=notify` waits for."""

import os
import socket
import time


def notify(*states: str) -> None:
    """Sends states such as `READY=1`; does nothing where systemd did not start this process."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # an abstract socket
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
        try:
            out.sendto("\n".join(states).encode(), address)
        except OSError:
            return  # nobody listens any more; there is nothing to be done about it


def reloading() -> tuple[str, str]:
    """The states that begin a reload; `READY=1` ends it."""
    return "RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}"


def watchdog_interval() -> float | None:
    """Seconds between two signs of life: half of what the unit allows. None: it asks for none."""
    usec, pid = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not usec.isdecimal() or int(usec) == 0 or (pid and pid != str(os.getpid())):
        return None
    return int(usec) / 2_000_000
