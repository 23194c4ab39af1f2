"""The status page: one file that needs nothing from elsewhere, and headers that hold it to that."""

import base64
import hashlib
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

_INLINE: Final = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


class Page:
    """Read once."""

    def __init__(self) -> None:
        text = files("penstock.admin").joinpath("page.html").read_text(encoding="utf-8")
        self.body = text.encode()
        self.headers: Mapping[str, str] = {
            "Content-Security-Policy": policy(text),
            "Referrer-Policy": "no-referrer",
            "X-Frame-Options": "DENY",
        }


def policy(html: str) -> str:
    """Only the page's own script and style, named by their hashes, and requests to the daemon itself."""
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for kind, content in _INLINE.findall(html):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        hashes[kind].append(f"'sha256-{digest}'")
    return (
        "default-src 'none'; "
        f"script-src {' '.join(hashes['script'])}; style-src {' '.join(hashes['style'])}; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
