import base64
import hashlib
import re

from penstock.admin.page import Page, policy


def test_the_page_needs_nothing_from_elsewhere() -> None:
    text = Page().body.decode()
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", text)
    assert "@import" not in text
    assert "url(" not in text


def test_nothing_of_the_page_escapes_its_policy() -> None:
    text = Page().body.decode()
    assert len(re.findall(r"<(?:script|style)\b", text)) == 2, (
        "one script and one style, both without attributes"
    )
    assert not re.search(r"<[^>]*\s(?:on\w+|style)=", text), (
        "handlers and styles in attributes would be refused"
    )


def test_what_the_daemon_says_is_never_taken_for_markup() -> None:
    text = Page().body.decode()
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "setAttribute"):
        assert way not in text, way


def test_the_policy_names_what_is_inline_by_its_hash() -> None:
    script = base64.b64encode(hashlib.sha256(b"\nx()\n").digest()).decode()
    style = base64.b64encode(hashlib.sha256(b"p{}").digest()).decode()
    said = policy("<style>p{}</style><p>&lt;script></p><script>\nx()\n</script>")
    assert f"script-src 'sha256-{script}';" in said
    assert f"style-src 'sha256-{style}';" in said
    assert said.startswith("default-src 'none';")
    assert Page().headers["Content-Security-Policy"].count("sha256-") == 2
