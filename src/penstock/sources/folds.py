r"""Messages that hold newlines, made lines and back again.

    MARK C a C b        the message `a \n b`; C stands for the newlines, a character that the message has not

The mark is drawn anew in each process, and senders do not see it: no line of theirs begins with it but by a chance of
one in 2**64.
"""

import secrets
from typing import Final

_STANDS: Final = bytes({*range(1, 0x20)} - {*b"\n\r\t"})
"""Control characters that may stand for a newline; never the NUL, which ends messages."""


class Folds:
    """Keeps the mark."""

    def __init__(self) -> None:
        self._mark = b"\x1e" + secrets.token_hex(8).encode()
        self._text = self._mark.decode()

    def fold(self, message: bytes) -> bytes:
        """A message as one line, without its newline: as it is where it holds none."""
        if b"\n" not in message:
            return message
        for stand in _STANDS:
            if stand not in message:
                return self._mark + bytes([stand]) + message.replace(b"\n", bytes([stand]))
        # All of them are in use, which no text does: the mark itself stands for a newline.
        return self._mark + b"\0" + message.replace(b"\n", self._mark)

    def unfold(self, line: str) -> str:
        """The message that was folded into `line`."""
        if not line.startswith(self._text):
            return line
        at = len(self._text)
        stand = line[at : at + 1]
        return line[at + 1 :].replace(self._text if stand == "\0" else stand or "\n", "\n")
