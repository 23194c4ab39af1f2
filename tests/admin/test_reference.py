from pathlib import Path

from penstock.admin.reference import families, page

PAGE = Path(__file__).parents[2] / "docs/reference/metrics.md"


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "run: python -m penstock.admin.reference docs/reference/metrics.md"
    )


def test_the_page_names_every_metric_with_its_labels() -> None:
    rows = [line for line in page().splitlines() if line.startswith("| `penstock_") and " | " in line]
    for family in families():
        (row,) = [row for row in rows if row.startswith(f"| `{family.name}` | {family.kind} |")]
        assert all(f"`{label}`" in row for label in family.labels)


def test_alerts_name_only_metrics_that_exist() -> None:
    alerts = page().split("## What to watch")[1].split("## All")[0]
    named = {
        part.split("[")[0].split(" ")[0].strip("`(")
        for part in alerts.replace("rate(", " ").split()
        if "penstock_" in part
    }
    assert len(named) == 10
    assert named <= {family.name for family in families()}
