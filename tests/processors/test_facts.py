from pathlib import Path

import pytest

from penstock.processors.facts import (
    KubernetesSettings,
    Refreshed,
    container_id,
    kubernetes,
    pairs,
    read_text,
)

ID = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "text",
    [
        f"0::/docker/{ID}\n",
        f"12:pids:/kubepods/besteffort/pod7/{ID}\n",
        f"1 2 0:1 /var/lib/containers/storage/overlay-containers/{ID}/userdata/hostname /etc/hostname rw\n",
    ],
)
def test_finds_the_container(tmp_path: Path, text: str) -> None:
    (tmp_path / "cgroup").write_text(text)
    assert container_id((tmp_path / "nothing", tmp_path / "cgroup")) == ID


def test_outside_a_container_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "cgroup").write_text("0::/user.slice\n")
    assert container_id((tmp_path / "cgroup", tmp_path / "nothing")) == ""


def test_reads_what_the_kubelet_writes(tmp_path: Path) -> None:
    (tmp_path / "labels").write_text('app="pay"\napp.kubernetes.io/version="1.2"\n')
    (tmp_path / "namespace").write_text("prod\n")
    settings = KubernetesSettings.model_validate(
        {"labels": "labels", "annotations": "none", "files": {"namespace": "namespace", "node": "none"}}
    )
    assert kubernetes(settings, tmp_path) == {
        "labels": {"app": "pay", "app.kubernetes.io/version": "1.2"},
        "namespace": "prod",
    }


def test_values_are_unquoted() -> None:
    text = 'a="x=\\"y\\" \\\\ z\\nw"\nb=""\nno pair\n=x\nc=plain'
    assert pairs(text) == {"a": 'x="y" \\ z\nw', "b": "", "c": "plain"}


def test_a_file_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    assert read_text(tmp_path) is None


def test_what_is_refreshed_is_made_again_in_time() -> None:
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return len(made)

    value = Refreshed(make, 30.0, 100.0)
    assert [value.at(now) for now in (100.0, 129.9, 130.0, 131.0)] == [1, 1, 2, 2]
