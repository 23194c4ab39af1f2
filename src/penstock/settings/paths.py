"""Where the daemon keeps what is not the journal itself, so that the commands look in the same places."""

from pathlib import Path

from penstock.settings.model import Settings


def dead_letters(settings: Settings, destination: str) -> Path:
    """The folder of one destination's dead letters."""
    return settings.journal.path / "dead_letters" / destination


def admin_socket(settings: Settings) -> Path:
    """The Unix socket on which the daemon answers the command line."""
    return settings.admin.socket or settings.journal.path / "admin.sock"
