"""A webhook that refuses a batch with a bad event in it, until it is told not to: for docs/tutorial/first-steps.md.

python3 docs/examples/picky_receiver.py              refuses events that contain `"bad"`
python3 docs/examples/picky_receiver.py --tolerant   takes all
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

TOLERANT = "--tolerant" in sys.argv


class Receiver(BaseHTTPRequestHandler):
    """Takes what `type: webhook` posts."""

    def do_POST(self) -> None:
        logs = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["logs"]
        refused = not TOLERANT and any("bad" in log for log in logs)
        sys.stdout.write(f"{'refused' if refused else 'took'} {[log.get('message') for log in logs]}\n")
        sys.stdout.flush()
        body = b'{"error": "unknown field: bad"}' if refused else b""
        self.send_response(400 if refused else 204)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: what matters is told above."""


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", 9000), Receiver).serve_forever()
