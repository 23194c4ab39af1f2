"""Lines from files that are written to: followed by name, through rotation and restarts."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from penstock.fields import Duration
from penstock.sources.base import Source, SourceContext, SourceSettings
from penstock.sources.file_follow import Following
from penstock.sources.file_source import FileSource
from penstock.sources.multiline import JoinedSettings


def _from_the_root(value: str) -> str:
    if not value.startswith("/"):
        raise ValueError("does not begin at the root: write /var/log/app/*.log")
    return value


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


class FileSettings(SourceSettings, JoinedSettings):
    """Lines from files, as they are written: through rotation by rename or by copy and truncate, and through restarts."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"type": "file", "path": ["/var/log/app/*.log"], "exclude": ["*.debug.log"]}]
        }
    )

    type: Literal["file"]
    path: Annotated[tuple[Annotated[str, AfterValidator(_from_the_root)], ...], BeforeValidator(_several)] = (
        Field(min_length=1)
    )
    """Paths or patterns, from the root on: `*`, `?`, `[a-z]`, and `**` for folders of any depth. Compressed files are
    left out."""
    exclude: tuple[str, ...] = ()
    """Patterns of what is left out: of names, or where they hold a slash of whole paths."""
    start: Literal["beginning", "end"] = "beginning"
    """Where to begin with files that are there when the daemon starts and were never read; one that appears later is
    read from its beginning."""
    add_path: bool = False
    """Add `file`, the path under which the file was found, to events that have none."""
    poll: Duration = Field(default=0.25, ge=0.01, le=60)
    """How often to look for new lines; while nothing changes up to once a second."""
    max_open: int = Field(default=256, ge=1)
    """Files held open at a time; any number can be followed."""

    def build(self, context: SourceContext) -> Source:
        following = Following(
            self.path,
            self.exclude,
            self.start,
            self.add_path,
            self.poll,
            self.max_open,
            self.multiline.joining() if self.multiline else None,
        )
        return FileSource(self, following, context)
