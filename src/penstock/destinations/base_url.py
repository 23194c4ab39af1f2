"""The base of a service's URLs: the destination itself puts the path behind it."""

from urllib.parse import urlsplit

from pydantic import AfterValidator


def base_url(example: str, path: str) -> AfterValidator:
    """For an `HttpUrl`: no query, and none of the `path` that is put behind it; a slash at its end goes.

    Whole URLs stand in every vendor's examples, so that one of them written here is told and not asked for twice over.
    """

    def check(url: str) -> str:
        parts = urlsplit(url)
        if path in parts.path:
            raise ValueError(f"is to be the base, such as {example}: leave out {path} and what follows")
        if parts.query or url.endswith("?"):
            raise ValueError(
                f"is to be the base, such as {example}: leave out the question mark and what follows"
            )
        return url.rstrip("/")

    return AfterValidator(check)
