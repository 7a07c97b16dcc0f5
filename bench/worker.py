"""A process that runs jobs which do nothing: `python -m bench.worker URL`. When it is told to stop it prints when each
began, and how long after it was put."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time

from bot.engine import DbosEngine


async def main(url: str) -> None:
    engine, began, waits = DbosEngine(url), [], []

    @engine.job("job", queue="match")
    async def job(at: float) -> None:
        now = time.time()
        began.append(now)
        waits.append((now - at) * 1000)

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await engine.start(frozenset({"match"}))
    print("started", flush=True)
    await stop.wait()
    await engine.stop()
    engine.close()
    print(json.dumps({"began": began, "waits": waits}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
