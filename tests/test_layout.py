"""Every module has its test of the same name, or stands here with the reason why not."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE, TESTS = ROOT / "src/penstock", ROOT / "tests"

COVERED_ELSEWHERE = {
    "delivery/decision.py": "values only; tests/delivery/test_worker.py makes and reads each of them",
    "delivery/job.py": "values only; tests/delivery/test_worker.py",
    "delivery/settings.py": "a model only; tests/settings",
    "delivery/stats.py": "values only; tests/delivery/test_ledger.py and tests/admin",
    "destinations/base.py": "the contract; tests/destinations/test_contract.py holds every kind to it",
    "errors.py": "exceptions only; tests/settings show the text of each kind",
    "exchange.py": "values only",
    "journal/base.py": "the contract; tests/journal hold both journals to it",
    "sources/base.py": "the contract; tests/sources",
    "testing/contract.py": "tests/destinations/test_contract.py breaks each of its promises",
    "wire/base.py": "the contract; tests/wire",
}


def modules() -> list[str]:
    found = (path.relative_to(SOURCE) for path in SOURCE.rglob("*.py"))
    return sorted(str(path) for path in found if not path.name.startswith("__"))


def has_test(module: str) -> bool:
    path = Path(module)
    return (TESTS / path.parent / f"test_{path.stem}.py").exists()


def test_every_module_has_its_test() -> None:
    missing = [module for module in modules() if not has_test(module) and module not in COVERED_ELSEWHERE]
    assert not missing, "write the test, or say in COVERED_ELSEWHERE who covers it"


def test_exceptions_are_still_needed() -> None:
    assert set(COVERED_ELSEWHERE) <= set(modules()), "these modules are gone"
    assert not [module for module in COVERED_ELSEWHERE if has_test(module)], "these have a test by now"
