from pathlib import Path

import pytest
from pydantic import ValidationError

from penstock.admin.settings import AdminSettings


def test_by_default_only_this_machine_may_read_and_nobody_may_change_anything_over_tcp() -> None:
    settings = AdminSettings()
    assert settings.enabled
    assert settings.listen.is_loopback
    assert settings.token is None


def test_the_token_is_never_shown() -> None:
    settings = AdminSettings.model_validate({"token": "sesame"})
    assert "sesame" not in repr(settings) + settings.model_dump_json()


def test_the_token_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("sesame\n")
    settings = AdminSettings.model_validate({"token": {"file": str(tmp_path / "token")}})
    assert settings.token is not None
    assert settings.token.get_secret_value() == "sesame"


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_token_is_refused_since_it_would_let_everybody_in(empty: str) -> None:
    with pytest.raises(ValidationError, match="is empty"):
        AdminSettings.model_validate({"token": empty})
