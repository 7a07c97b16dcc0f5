"""A process that runs jobs until it is killed: `python -m tests.contract.engine_process URL`.

Jobs write what they do into the audit table: "begin n", "end n". A job whose number is in `KILLERS` kills it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

from bot.engine import DbosEngine
from bot.ports import AuditRow
from bot.storage import SqlStore

KILLERS = {666}


def register(engine: DbosEngine, store: SqlStore) -> None:
    def note(what: str) -> None:
        with store.writing() as records:
            records.add_audit(AuditRow(datetime.now(UTC), engine.executor_id, "", what))

    async def work(n: int, seconds: float = 0.0) -> None:
        await asyncio.to_thread(note, f"begin {n}")
        if n in KILLERS:
            os.kill(os.getpid(), signal.SIGKILL)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(note, f"end {n}")

    engine.job("match", queue="match")(work)
    engine.job("deliver", queue="deliver")(work)


async def main(url: str) -> None:
    store = SqlStore(url)
    engine = DbosEngine(url, look_every=timedelta(seconds=0.05))
    register(engine, store)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await engine.start(frozenset({"match", "deliver"}))
    print("started", flush=True)
    await stop.wait()
    await engine.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
