"""The command `penstock`, which stops when the process that started it is gone, however that ended.

The other end of a pipe is held by the parent alone: the kernel closes it even where the parent was killed.
"""

import os
import signal
import sys
import threading

from penstock.cli.main import main


def watch(end: int) -> None:
    """Asks this process to stop once the pipe is closed at its other end."""
    os.read(end, 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    pipe = int(sys.argv.pop(1))
    threading.Thread(target=watch, args=(pipe,), name="lifeline", daemon=True).start()
    main()
