"""A process that runs jobs: `python -m bench.worker URL`, or `… raw` for the engine's peer, DBOS alone with the same
settings. A job takes as long as it says. When it begins and ends a line tells so:
{"job": 1, "began": …, "at": …}, {"job": 1, "ended": …}, in seconds since 1970."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from dbos import DBOS, DBOSPortableJSONSerializer

from bot.engine import DbosEngine
from bot.engine.jobs import APPLICATION, QUEUES, THREADS

QUEUE = QUEUES["match"]


async def work(number: int, at: float, takes: float) -> None:
    _tell(job=number, began=time.time(), at=at)
    if takes:
        await asyncio.sleep(takes)
        _tell(job=number, ended=time.time())


def _tell(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def ours(url: str, stop: asyncio.Event) -> None:
    engine = DbosEngine(url)
    engine.job("job", queue=QUEUE.name)(work)
    await engine.start(frozenset({QUEUE.name}))
    _tell(started=True)
    await stop.wait()
    await engine.stop()
    engine.close()


async def raw(url: str, stop: asyncio.Event) -> None:
    DBOS(
        config={
            "name": APPLICATION,
            "system_database_url": url.replace("postgresql:", "postgresql+psycopg:"),
            "serializer": DBOSPortableJSONSerializer(),
            "application_version": "1",
            "executor_id": f"raw-{time.time()}",
            "log_level": "ERROR",
            "max_executor_threads": THREADS,
        }
    )

    @DBOS.workflow(name="job")
    async def job(args: dict[str, Any]) -> None:
        await work(**args)

    DBOS.listen_queues([QUEUE.name])
    DBOS.launch()
    await DBOS.register_queue_async(
        QUEUE.name, worker_concurrency=QUEUE.in_flight, polling_interval_sec=QUEUE.every, on_conflict="always_update"
    )
    _tell(started=True)
    await stop.wait()
    await asyncio.get_running_loop().run_in_executor(ThreadPoolExecutor(1), DBOS.destroy)


async def main(url: str, run: Any) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await run(url, stop)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], raw if "raw" in sys.argv[2:] else ours))
