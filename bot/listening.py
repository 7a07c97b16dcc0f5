"""Takes the commands of one bot account, in one process of all that could.

Telegram answers a second poller of one account with conflicts, and Slack would share out its events among all
connections. So each process with the role stands by, and the one that has the account's lock listens."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.errors import ConfigError
from bot.ports import Answer, Platform, SoleLock

log = structlog.get_logger(__name__)

CONNECT_AGAIN = timedelta(seconds=30)
LOOK_EVERY = 1.0  # seconds between two looks at the lock
PATIENCE = 2.0  # seconds for one of them: together less than what a successor waits (`SoleLock.take`)


@dataclass(slots=True)
class Listener:
    """`platform` is used by nobody else: it is started when the lock is ours and stopped when it is not. What is sent
    by the way goes out by another instance, in every process."""

    platform: Platform
    lock: SoleLock
    _trouble: str = ""
    _is_listening: bool = False

    def health(self) -> str:
        """A phrase for /status; "" while another process listens."""
        if not self._is_listening:
            return ""
        return self._trouble or self.platform.health()

    async def run(self, answer: Answer) -> None:
        """Until cancelled; then the lock is free for others at once."""
        try:
            while True:
                if await self._takes():
                    await self._listen(answer)
                await asyncio.sleep(LOOK_EVERY)
        finally:
            await asyncio.to_thread(self.lock.release)

    async def _takes(self) -> bool:
        try:
            return await asyncio.to_thread(self.lock.take)
        except Exception as error:  # whatever it is, a bot that no longer tries is deaf and nobody knows
            log.warning("commands cannot be taken here", platform=self.platform.name, problem=str(error))
            return False

    async def _listen(self, answer: Answer) -> None:
        """For as long as the lock is ours."""
        self._is_listening, self._trouble = True, ""
        connecting = asyncio.create_task(self._connect(answer))
        try:
            while await self._holds():
                await asyncio.sleep(LOOK_EVERY)
            log.warning("takes no commands here any more: the lock was lost", platform=self.platform.name)
        finally:
            self._is_listening = False
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)
            await self._hang_up()

    async def _holds(self) -> bool:
        """A database that does not answer counts as lost: it may give the lock to another."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.to_thread(self.lock.holds)
        except TimeoutError:
            return False

    async def _connect(self, answer: Answer) -> None:
        """A refused token is told and left alone; a network that is away is tried again."""
        while True:
            try:
                await self.platform.start(answer)
            except ConfigError as error:
                self._trouble = f"off: {error}"
                log.error("platform refused", platform=self.platform.name, problem=str(error))
                return
            except Exception as error:  # the edge of the platform: whatever its library raises, it is tried again
                self._trouble = f"trouble: {error}; trying again"
                log.warning("commands not connected", platform=self.platform.name, problem=str(error))
                await asyncio.sleep(CONNECT_AGAIN.total_seconds())
            else:
                self._trouble = ""
                log.info("takes commands here", platform=self.platform.name)
                return

    async def _hang_up(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            try:
                await self.platform.stop()
            except Exception as error:  # it must not keep the lock from others
                log.warning("platform did not stop cleanly", platform=self.platform.name, problem=str(error))
