"""What lies under deploy/ fits the daemon it deploys."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from penstock import __version__
from penstock.admin.reference import families
from penstock.settings import load

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def rules() -> list[dict[str, Any]]:
    whole = yaml.safe_load((DEPLOY / "prometheus-rules.yaml").read_text(encoding="utf-8"))
    return [rule for group in whole["groups"] for rule in group["rules"]]


def test_alerts_name_metrics_and_labels_that_exist() -> None:
    known = {family.name: {*family.labels, "instance", "job"} for family in families()}
    assert len(rules()) > 10
    for rule in rules():
        named = re.findall(r"penstock_\w+", rule["expr"])
        assert named, rule["alert"]
        assert set(named) <= set(known), rule["alert"]
        shown = re.findall(r"\$labels\.(\w+)", str(rule["annotations"]))
        assert set(shown) <= known[named[0]], rule["alert"]


@pytest.mark.integration
def test_promtool_takes_the_rules() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    subprocess.run([promtool, "check", "rules", DEPLOY / "prometheus-rules.yaml"], check=True, timeout=60)


def unit() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / "penstock.service").read_text(encoding="utf-8").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def test_the_unit_stops_no_sooner_than_the_drain() -> None:
    (stop,) = unit()["TimeoutStopSec"]
    minimal = load(ROOT / "config/minimal.yaml", {})
    assert float(stop.removesuffix("s")) > minimal.drain_timeout
    assert unit()["StateDirectory"] == [load(ROOT / "config/minimal.yaml", {}).journal.path.name]


@pytest.mark.integration
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not installed")
    text = (DEPLOY / "penstock.service").read_text(encoding="utf-8")
    copy = tmp_path / "penstock.service"
    copy.write_text(text.replace("/opt/penstock/bin/penstock", "/bin/true"), "utf-8")
    seen = subprocess.run([analyze, "verify", copy], check=True, timeout=60, capture_output=True, text=True)
    assert "penstock.service" not in seen.stderr


def manifests() -> dict[str, dict[str, Any]]:
    text = (DEPLOY / "kubernetes-sidecar.yaml").read_text(encoding="utf-8")
    return {manifest["kind"]: manifest for manifest in yaml.safe_load_all(text)}


def test_the_sidecar_has_a_good_configuration(tmp_path: Path) -> None:
    text = manifests()["ConfigMap"]["data"]["penstock.yaml"]
    secret = tmp_path / "hook-token"
    secret.write_text("hunter2", "utf-8")
    path = tmp_path / "penstock.yaml"
    path.write_text(text.replace("/run/penstock-secrets/hook-token", str(secret)), "utf-8")
    settings = load(path, {})
    pod = manifests()["Deployment"]["spec"]["template"]["spec"]
    (sidecar,) = pod["initContainers"]
    mounted = {mount["mountPath"] for mount in sidecar["volumeMounts"]}
    assert {str(settings.journal.path), "/etc/penstock", "/run/penstock-secrets"} == mounted
    assert {mount["name"] for mount in sidecar["volumeMounts"]} == {
        volume["name"] for volume in pod["volumes"]
    }
    assert sidecar["ports"][0]["containerPort"] == settings.admin.listen.port
    assert pod["terminationGracePeriodSeconds"] > settings.drain_timeout
    assert sidecar["image"] == f"penstock:{__version__}"


def test_the_image_is_pinned_and_runs_as_nobody_special() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert {
        len(tag.split(".")) for tag in re.findall(r"^FROM python:(\S+)-slim", dockerfile, re.MULTILINE)
    } == {3}
    uid = manifests()["Deployment"]["spec"]["template"]["spec"]["initContainers"][0]["securityContext"][
        "runAsUser"
    ]
    assert f"USER {uid}:{uid}" in dockerfile
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    (copied,) = re.findall(r"^COPY (pyproject.*) \./$", dockerfile, re.MULTILINE)
    assert all(f"!{name}\n" in ignored for name in [*copied.split(), "src"])
