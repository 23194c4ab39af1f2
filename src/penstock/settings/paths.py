"""Where the daemon keeps what is not the journal itself, so that the commands look in the same places."""

from pathlib import Path

from penstock.settings.model import Settings


def dead_letters(settings: Settings, destination: str) -> Path | None:
    """The folder of one destination's dead letters; none where they are not kept.

    Who keeps the journal in memory may have no folder that can be written, and gets one only by naming it.
    """
    journal = settings.journal
    if journal.type == "memory" and "path" not in journal.model_fields_set:
        return None
    return journal.path / "dead_letters" / destination


def positions(settings: Settings) -> Path | None:
    """The folder in which sources remember how far they have read; none as above."""
    journal = settings.journal
    if journal.type == "memory" and "path" not in journal.model_fields_set:
        return None
    return journal.path / "positions"


def admin_socket(settings: Settings) -> Path | None:
    """The Unix socket on which the daemon answers the command line; none where a journal in memory has no folder."""
    default = settings.journal.path / "admin.sock" if settings.journal.type == "disk" else None
    return settings.admin.socket or default
