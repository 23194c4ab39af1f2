"""The worked examples work: loaded as the daemon loads them, held to the contract, and run from journal to answer."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from penstock.block import Block
from penstock.delivery.deadletters import DeadLetterStore
from penstock.delivery.lane import Lane
from penstock.delivery.settings import DeadLetterSettings, DeliverySettings
from penstock.destinations.base import BatchSize, Blocked, Delivered, Destination, Refused, Retry, TooLarge
from penstock.destinations.custom import CustomSettings
from penstock.exchange import Append, Request, Response
from penstock.journal.base import Journal, JournalSettings
from penstock.journal.open import open_journal
from penstock.settings import load
from penstock.tasks import Tasks
from penstock.testing import ManualClock, ScriptedWire
from penstock.testing.contract import batch_of, check_encode, check_judge, check_secrets, sample_batches

EXAMPLES = Path(__file__).parents[2] / "docs/examples"
OPTIONS = {"url": "http://127.0.0.1:3100/", "labels": {"job": "app"}, "tenant": "a"}


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))


@pytest.fixture
def loki() -> Destination:
    settings = CustomSettings.model_validate({"type": "custom", "class": "loki:Loki", "options": OPTIONS})
    return settings.build("loki")


def test_the_configuration_in_its_docstring_is_good(tmp_path: Path) -> None:
    text = (EXAMPLES / "loki.py").read_text("utf-8").split('"""')[1].split("\n\n", 1)[1]
    path = tmp_path / "penstock.yaml"
    path.write_text("sources: {in: {type: stdin}}\n" + text, "utf-8")
    built = load(path, {}).destinations["loki"].build("loki")
    assert type(built).__name__ == "Loki"


def test_it_keeps_the_contract(loki: Destination) -> None:
    for batch in sample_batches():
        check_encode(loki, batch)
        check_judge(loki, batch)
    check_secrets(loki, [])


def test_what_loki_sees(loki: Destination) -> None:
    batch = batch_of([{"message": 'a "quote" é'}, {"n": 2}], arrived=1_793_000_000.5)
    request = loki.encode(batch)
    assert isinstance(request, Request)
    assert request.url == "http://127.0.0.1:3100/loki/api/v1/push"
    assert request.headers["X-Scope-OrgID"] == "a"
    (stream,) = json.loads(request.body)["streams"]
    assert stream["stream"] == {"job": "app"}
    stamps, lines = zip(*stream["values"], strict=True)
    assert [json.loads(line) for line in lines] == [{"message": 'a "quote" é'}, {"n": 2}]
    assert [int(stamp) - int(stamps[0]) for stamp in stamps] == [0, 1]
    assert abs(int(stamps[0]) / 1e9 - 1_793_000_000.5) < 1e-3


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (204, Delivered),
        (200, Delivered),
        (400, Refused),
        (401, Blocked),
        (404, Refused),
        (413, TooLarge),
        (429, Retry),
    ],
)
def test_what_its_answers_mean(loki: Destination, status: int, kind: type) -> None:
    assert isinstance(loki.judge(batch_of([{}]), Response(status)), kind)


@pytest.fixture
async def journal() -> AsyncIterator[Journal]:
    made = open_journal(JournalSettings(type="memory"), clock=ManualClock(), version="test")
    yield made
    await made.close()


async def test_from_the_journal_to_the_answer(loki: Destination, journal: Journal, tmp_path: Path) -> None:
    def refuse_the_old(request: Request | Append) -> Response:
        assert isinstance(request, Request)
        return Response(400, body=b"entry too far behind") if b"old" in request.body else Response(204)

    clock, wire = ManualClock(), ScriptedWire([Response(429)], refuse_the_old)
    dead_letters = DeadLetterStore(tmp_path, DeadLetterSettings(), clock)
    lane = Lane(
        name="loki",
        kind="custom",
        destination=loki,
        wire=wire,
        journal=journal,
        settings=DeliverySettings(),
        batch=BatchSize(),
        dead_letters=dead_letters,
        clock=clock,
        max_held=2**20,
        on_full=lambda _: None,
    )
    journal.on_append(lane.wake)
    tasks = Tasks("test")
    tasks.start(lane.run(), "lane")
    lines = [b'{"n":%d,"age":"%b"}\n' % (n, b"old" if n == 3 else b"new") for n in range(8)]
    journal.append(Block(b"".join(lines), 8, "app", clock.time()))
    seconds = 0
    while lane.stats().ledger.pending:  # a letter is written in a thread, which the clock does not wait for
        await clock.advance(1.0)
        assert (seconds := seconds + 1) < 1000
    ledger = lane.stats().ledger
    await lane.stop()
    await tasks.stop()
    assert (ledger.accepted, ledger.delivered, ledger.imbalance) == (8, 7, 0)
    assert [bytes(letter.event) for letter in dead_letters.read()] == [lines[3].rstrip()]
