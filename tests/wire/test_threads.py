import asyncio
import threading

import pytest

from penstock.testing.clock import settle
from penstock.wire.threads import OneThread


async def test_work_is_done_in_the_order_of_the_calls() -> None:
    thread = OneThread("t")
    done: list[int] = []

    def work(number: int) -> int:
        done.append(number)
        return number

    assert await asyncio.gather(*[thread.run(lambda n=n: work(n)) for n in range(50)]) == list(range(50))  # type: ignore[misc]  # mypy cannot infer a lambda's default
    assert done == list(range(50))
    thread.close()


async def test_what_work_raises_comes_to_the_one_who_waits_and_the_thread_goes_on() -> None:
    thread = OneThread("t")
    with pytest.raises(ZeroDivisionError):
        await thread.run(lambda: 1 // 0)
    assert await thread.run(lambda: 7) == 7
    thread.close()


async def test_cancelled_work_is_left_out_unless_it_has_begun() -> None:
    thread = OneThread("t")
    begun, go = threading.Event(), threading.Event()
    done: list[str] = []

    def first() -> None:
        begun.set()
        go.wait(5)
        done.append("first")

    loop = asyncio.get_running_loop()
    one = loop.create_task(thread.run(first))
    two = loop.create_task(thread.run(lambda: done.append("second")))
    await settle()
    assert begun.wait(5)
    one.cancel()
    two.cancel()
    await settle()
    go.set()
    await thread.idle()
    assert done == ["first"]
    thread.close()


async def test_closing_does_not_wait_for_stuck_work_but_what_was_given_is_done() -> None:
    thread = OneThread("t")
    go, done = threading.Event(), threading.Event()
    thread.start(lambda: (go.wait(5), None)[1])
    thread.start(done.set)
    thread.close()
    assert not done.is_set()
    go.set()
    assert done.wait(5)


def test_a_loop_that_has_ended_is_no_harm_to_the_thread() -> None:
    thread = OneThread("t")
    go, done = threading.Event(), threading.Event()

    async def main() -> None:
        waiting = asyncio.get_running_loop().create_task(thread.run(lambda: go.wait(5)))
        await settle()
        waiting.cancel()

    asyncio.run(main())
    go.set()
    thread.start(done.set)
    assert done.wait(5)
    thread.close()
