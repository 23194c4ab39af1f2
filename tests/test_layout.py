"""Every module has its test of the same name, or stands here with the reason why not."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE, TESTS = ROOT / "src/penstock", ROOT / "tests"

JOURNAL = "inside the journal: tests/journal hold both journals to the contract, on files and with a disk that fails"
FAKE = "a fake: the tests that use it would fail"
COVERED_ELSEWHERE = {
    "sandbox/request.py": "tests/sandbox/test_server.py, on sockets",
    **dict.fromkeys(
        [
            f"sandbox/elasticsearch_{name}.py"
            for name in (
                "actions", "asking", "bulk", "cluster", "documents", "errors", "filter", "mapping", "names",
                "routes", "search", "types",
            )
        ],
        "tests/sandbox/test_elasticsearch.py: one table of requests, which the real servers are held to as well",
    ),
    "sandbox/cloudwatch_groups.py": "tests/sandbox/test_cloudwatch.py",
    "sandbox/cloudwatch_manage.py": "tests/sandbox/test_cloudwatch.py, operation by operation",
    "sandbox/service.py": "values and a protocol: the tests of each service",
    "admin/metric.py": "values only; tests/admin/test_table_*.py read each metric",
    "admin/view.py": "the contract between admin and the daemon; tests/admin",
    "assembly.py": "tests/test_app.py runs the whole",
    "cli/bar.py": "tests/cli/test_send.py shows the bar",
    "cli/exits.py": "a table; tests/cli/test_docs.py prints it, each command's test ends with one",
    **dict.fromkeys(
        ["cli/sandbox_page.py", "cli/schema_tables.py"], "tests/cli/test_docs.py prints them and looks at the rows"
    ),
    "cli/output.py": "each command's test reads what it prints",
    "delivery/agenda.py": "tests/delivery/test_lane.py sees in what order things go, and when",
    "delivery/decision.py": "values only; tests/delivery/test_worker.py makes and reads each of them",
    "delivery/job.py": "values only; tests/delivery/test_worker.py",
    "delivery/processing.py": "tests/delivery/test_lane.py sees that the ledger adds up, whatever a chain does",
    "delivery/queue.py": "tests/delivery/test_lane.py sees what it reads, holds and lets go",
    "delivery/settings.py": "a model only; tests/settings",
    "delivery/settlement.py": "tests/delivery/test_lane.py sees the ledger, the statistics and the letters agree",
    "delivery/stats.py": "values only; tests/delivery/test_ledger.py and tests/admin",
    "demo/lifeline.py": "tests/demo/test_launcher.py",
    "destinations/base.py": "the contract; tests/destinations/test_contract.py holds every kind to it",
    "errors.py": "exceptions only; tests/settings show the text of each kind",
    "exchange.py": "values only",
    **dict.fromkeys(
        [
            f"expressions/{name}.py"
            for name in (
                "code", "convert", "errors", "lexer", "library", "literals", "macros", "nodes", "operators", "parser", "paths",
                "settings", "text", "times", "values",
            )
        ],
        "tests/expressions/test_conformance.py, some 1,200 expressions with what they mean, and test_expression.py",
    ),
    "journal/base.py": "the contract; tests/journal hold both journals to it",
    **dict.fromkeys(
        [
            f"journal/{name}.py"
            for name in (
                "blocks", "catalogue", "commit", "cursor_saver", "cursors", "disk", "disk_journal", "ending", "folder", "index",
                "memory_journal", "pressure", "quarantine", "reader", "record", "retention", "segment", "spares",
                "walk", "writer",
            )
        ],
        JOURNAL,
    ),
    "claim.py": "tests/delivery/test_lane.py settles them in all ways",
    **dict.fromkeys(
        ["processors/aggregate_examples.py", "processors/base.py", "processors/enrich_examples.py", "processors/fields_examples.py", "processors/shown.py", "processors/stats.py"],
        "the contract and its values; tests/processors/test_contract.py holds every kind to it",
    ),
    "processors/parse_examples.py": "tests/processors/test_contract.py runs each",
    "processors/keys.py": "tests/processors/test_dedupe.py and test_throttle.py, with fields of all types",
    "processors/stamp.py": "tests/processors/test_contract.py runs the example of throttle, which shows it",
    "processors/clean_names.py": "tests/processors/test_clean.py, by the fields that it finds",
    "processors/redact_examples.py": "tests/processors/test_contract.py runs each",
    **dict.fromkeys(
        [f"processors/redact_{name}.py" for name in ("checks", "cover", "event", "kinds", "names", "text", "writing")],
        "tests/processors/test_redact.py, from the outside",
    ),
    "processors/measuring.py": "the contract; tests/processors/test_metrics.py and tests/admin/test_exposition.py",
    "processors/metrics_meter.py": "tests/processors/test_metrics.py",
    "processors/on_error.py": "tests/processors/test_fields.py, test_clean.py and test_filter.py, with each option",
    "processors/asked.py": "tests/processors/test_filter.py, with one field, several, none and the whole event",
    "processors/fields_changes.py": "tests/processors/test_fields.py",
    "rehearsal.py": "tests/cli/test_preview.py and test_cases.py",
    "settings/cases.py": "a model only; tests/cli/test_cases.py",
    "sockets.py": "tests/sources/test_tcp.py, test_udp.py and test_unix.py bind each kind",
    **dict.fromkeys(
        [f"sources/file_{name}.py" for name in ("follow", "handover", "neighbours", "rotation", "source", "tails")],
        "tests/sources/test_file.py: files that are written to, rotated and deleted",
    ),
    "sources/traces.py": "a table; tests/sources/test_grouping.py reads traces of each language by it",
    "sources/connection.py": "tests/sources/test_tcp.py and test_unix.py, on sockets",
    **dict.fromkeys(
        [f"sources/http_{name}.py" for name in ("answers", "body", "cors", "ingest")],
        "tests/sources/test_http.py, on sockets",
    ),
    **dict.fromkeys(
        [
            f"testing/{name}.py"
            for name in (
                "acceptor", "clock", "daemon", "destination", "journal", "local", "played", "process", "receiver", "waiting", "wire",
            )
        ],
        FAKE,
    ),
    "syslog/passes.py": "tests/syslog/test_columns.py holds both to what the parser says of each message",
    "testing/processing.py": "tests/processors/test_contract.py and each processor's test use it",
    "testing/contract.py": "tests/destinations/test_contract.py breaks each of its promises",
    "wire/base.py": "the contract; tests/wire",
    "wire/failures.py": "tests/wire/test_http.py makes each failure happen",
    "wire/route.py": "tests/wire/test_http.py",
}  # fmt: skip


def modules() -> list[str]:
    found = (path.relative_to(SOURCE) for path in SOURCE.rglob("*.py"))
    return sorted(str(path) for path in found if not path.name.startswith("__"))


def has_test(module: str) -> bool:
    path = Path(module)
    return (TESTS / path.parent / f"test_{path.stem}.py").exists()


def test_every_module_has_its_test() -> None:
    missing = [module for module in modules() if not has_test(module) and module not in COVERED_ELSEWHERE]
    assert not missing, "write the test, or say in COVERED_ELSEWHERE who covers it"


def test_exceptions_name_modules_that_exist() -> None:
    assert set(COVERED_ELSEWHERE) <= set(modules()), "these modules are gone"
