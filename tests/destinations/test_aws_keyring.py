"""Where credentials come from, when they are renewed, and when they are not to be had."""

import json
import os
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from penstock.destinations.aws_keyring import AwsAuth, Keyring
from penstock.errors import CredentialsError, PluginError

NOW = 1_793_000_000.0


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of this machine is found: neither its environment, nor its files, nor its role."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


def keyring(**auth: Any) -> Keyring:
    return Keyring(AwsAuth.model_validate(auth), "eu-central-1")


def shared(folder: Path, key: str, profile: str = "default") -> None:
    (folder / "credentials").write_text(
        f"[{profile}]\naws_access_key_id = {key}\naws_secret_access_key = hunter2\n"
    )


def process(folder: Path, key: str, ends_in: timedelta) -> Path:
    """A `credential_process` in the default profile, which gives this key and notes each call."""
    calls = folder / "calls"
    told = {
        "Version": 1,
        "AccessKeyId": key,
        "SecretAccessKey": "hunter2",
        "SessionToken": f"token of {key}",
        "Expiration": (datetime.now(UTC) + ends_in).isoformat(),
    }
    (folder / "told.json").write_text(json.dumps(told))
    script = f"import pathlib; pathlib.Path(r'{calls}').open('a').write('x'); print(pathlib.Path(r'{folder}/told.json').read_text())"
    (folder / "give.py").write_text(script)
    (folder / "config").write_text(f"[default]\ncredential_process = {sys.executable} {folder}/give.py\n")
    return calls


def test_keys_of_the_configuration() -> None:
    keys = keyring(access_key_id="AKID", secret_access_key="hunter2", session_token="t").current(NOW)
    assert (keys.access_key, keys.secret_key, keys.token) == ("AKID", "hunter2", "t")


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    assert keyring().current(NOW).access_key == "AKENV"


def test_the_shared_file_and_a_profile(tmp_path: Path) -> None:
    shared(tmp_path, "AKFILE", "logs")
    assert keyring(profile="logs").current(NOW).access_key == "AKFILE"
    with pytest.raises(CredentialsError, match="other"):
        keyring(profile="other").current(NOW)


def test_they_are_kept_until_their_end_is_near(tmp_path: Path) -> None:
    calls = process(tmp_path, "AKONE", timedelta(hours=1))
    ring = keyring()
    assert [ring.current(NOW + n).access_key for n in range(5)] == ["AKONE"] * 5
    assert calls.read_text() == "x"


def test_they_are_renewed_before_they_end(tmp_path: Path) -> None:
    process(tmp_path, "AKONE", timedelta(seconds=30))
    ring = keyring()
    assert ring.current(NOW).token == "token of AKONE"
    process(tmp_path, "AKTWO", timedelta(hours=1))
    assert ring.current(NOW + 1).token == "token of AKTWO"


def test_many_threads_fetch_them_once(tmp_path: Path) -> None:
    calls = process(tmp_path, "AKONE", timedelta(hours=1))
    ring = keyring()
    found: list[str | None] = []
    threads = [threading.Thread(target=lambda: found.append(ring.current(NOW).access_key)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["AKONE"] * 8
    assert calls.read_text() == "x"


def test_where_there_are_none_it_says_what_to_do_and_does_not_look_each_time(tmp_path: Path) -> None:
    ring = keyring()
    with pytest.raises(CredentialsError, match="access_key_id and secret_access_key under `auth`"):
        ring.current(NOW)
    shared(tmp_path, "AKLATE")
    with pytest.raises(CredentialsError, match="no AWS credentials"):
        ring.current(NOW + 4)
    assert ring.current(NOW + 5).access_key == "AKLATE"


def test_a_process_that_fails_is_said(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[default]\ncredential_process = /bin/false\n")
    with pytest.raises(CredentialsError, match="cannot be had"):
        keyring().current(NOW)


def test_what_the_service_does_not_take_any_more_is_looked_for_anew(tmp_path: Path) -> None:
    shared(tmp_path, "AKOLD")
    ring = keyring()
    assert ring.current(NOW).access_key == "AKOLD"
    shared(tmp_path, "AKNEW")
    assert ring.current(NOW + 1).access_key == "AKOLD", "a file is not read for each request"
    assert ring.forget(NOW + 2)
    assert ring.current(NOW + 3).access_key == "AKNEW"


def test_the_same_again_are_no_find_for_a_while(tmp_path: Path) -> None:
    shared(tmp_path, "AKOLD")
    ring = keyring()
    ring.current(NOW)
    assert ring.forget(NOW + 1)
    with pytest.raises(CredentialsError, match="no more"):
        ring.current(NOW + 2)
    shared(tmp_path, "AKNEW")
    assert ring.current(NOW + 10).access_key == "AKNEW"


def test_the_same_are_tried_again_in_the_end(tmp_path: Path) -> None:
    shared(tmp_path, "AKOLD")  # the service knew the key not yet, say
    ring = keyring()
    ring.current(NOW)
    ring.forget(NOW + 1)
    assert ring.current(NOW + 61).access_key == "AKOLD"


def test_a_late_answer_about_old_ones_does_not_cost_the_new(tmp_path: Path) -> None:
    calls = process(tmp_path, "AKONE", timedelta(hours=1))
    ring = keyring()
    ring.current(NOW)
    process(tmp_path, "AKTWO", timedelta(hours=1))
    ring.forget(NOW + 1)
    assert ring.current(NOW + 2).access_key == "AKTWO"
    assert ring.forget(NOW + 3)
    assert ring.current(NOW + 4).access_key == "AKTWO"
    assert calls.read_text() == "xx"


def test_keys_of_the_configuration_have_no_others() -> None:
    ring = keyring(access_key_id="AKID", secret_access_key="hunter2")
    ring.current(NOW)
    assert not ring.forget(NOW)
    assert ring.current(NOW).access_key == "AKID"


def test_forgetting_what_was_never_found_is_nothing() -> None:
    assert keyring().forget(NOW)


def test_without_botocore_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore", None)
    with pytest.raises(PluginError, match=r"pip install 'penstock\[aws\]'"):
        keyring()


def test_all_that_is_secret_is_named() -> None:
    auth = AwsAuth.model_validate({"access_key_id": "a", "secret_access_key": "b", "session_token": "c"})
    assert auth.secrets() == {"a", "b", "c"}
    assert AwsAuth().secrets() == set()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"access_key_id": "hunter2"}, "half of a key"),
        ({"secret_access_key": "hunter2"}, "half of a key"),
        ({"session_token": "hunter2"}, "without its access_key_id"),
        ({"access_key_id": "hunter2", "secret_access_key": "hunter2", "profile": "p"}, "in two ways"),
        ({"access_key_id": "", "secret_access_key": "hunter2"}, "is empty"),
        ({"profile": ""}, "at least 1"),
    ],
)
def test_mistakes_in_the_configuration(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as caught:
        AwsAuth.model_validate(settings)
    assert "hunter2" not in str(caught.value)
