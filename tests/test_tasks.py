import asyncio

from penstock.tasks import Tasks


async def test_a_task_has_its_owner_s_name_and_is_forgotten_when_done() -> None:
    tasks = Tasks("owner")
    names: list[str] = []

    async def work() -> None:
        task = asyncio.current_task()
        assert task is not None
        names.append(task.get_name())

    tasks.start(work(), "work")
    assert len(tasks) == 1
    await tasks.join()
    assert (names, len(tasks)) == (["owner:work"], 0)


async def test_stop_cancels_and_waits() -> None:
    tasks = Tasks("owner")
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("ended")

    tasks.start(work(), "work")
    await asyncio.sleep(0)
    await tasks.stop()
    assert (ended, len(tasks)) == (["ended"], 0)


async def test_a_crash_is_told() -> None:
    crashes: list[BaseException] = []
    tasks = Tasks("owner", crashes.append)

    async def work() -> None:
        raise ValueError("a bug")

    tasks.start(work(), "work")
    await tasks.join()
    await asyncio.sleep(0)
    assert [str(crash) for crash in crashes] == ["a bug"]
