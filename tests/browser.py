"""A real browser for the console: Chromium over DevTools (chromedevtools.github.io/devtools-protocol).

async with Browser() as browser:
    page = await browser.open("http://127.0.0.1:8321/", width=390, dark=True)
    await page.run("document.title")
    (page.problems: what the browser's console complained of)
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any, Self

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = "no Chromium here: install one (apt-get install chromium), or name it in the variable CHROMIUM"


def find_browser() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """One tab. `problems`: errors, refused content and failed requests that the browser told of."""

    def __init__(self, browser: Browser, session: str) -> None:
        self.browser, self.session = browser, session
        self.problems: list[str] = []

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        return await self.browser.call(method, session=self.session, **params)

    async def run(self, script: str) -> Any:
        """The value of a JavaScript expression; promises are awaited. Raises RuntimeError if it throws."""
        answer = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    async def until(self, script: str, seconds: float = 5.0) -> Any:
        """Wait until the expression is true; raises TimeoutError that names it."""
        for _ in range(int(seconds * 20)):
            value = await self.run(script)
            if value:
                return value
            await asyncio.sleep(0.05)
        raise TimeoutError(f"not true after {seconds} s: {script}")

    async def goto(self, url: str) -> None:
        await self.call("Page.navigate", url=url)
        await self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    async def type(self, text: str) -> None:
        await self.call("Input.insertText", text=text)

    async def press(self, key: str, code: int) -> None:
        text = {"text": "\r"} if key == "Enter" else {}
        await self.call("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    async def screenshot(self, path: Path, *, whole: bool = False) -> None:
        shot = await self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))

    async def close(self) -> None:
        await self.call("Page.close")


class Browser:
    """A headless Chromium with a profile of its own."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._pages: dict[str, Page] = {}

    async def __aenter__(self) -> Self:
        binary = find_browser()
        if binary is None:
            raise RuntimeError(MISSING)
        self._stack = await contextlib.AsyncExitStack().__aenter__()
        profile = self._stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        self._process = await asyncio.create_subprocess_exec(
            binary, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--remote-debugging-port=0", f"--user-data-dir={profile}", "--lang=en-GB", "about:blank",
            stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        self._stack.push_async_callback(self._end)
        self._client = await self._stack.enter_async_context(aiohttp.ClientSession())
        self._socket = await self._client.ws_connect(await self._address(), max_msg_size=0)
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _address(self) -> str:
        assert self._process.stderr
        async with asyncio.timeout(20):
            while line := (await self._process.stderr.readline()).decode():
                if found := re.search(r"listening on (ws://\S+)", line):
                    self._drain = asyncio.create_task(self._process.stderr.read())
                    return found[1]
        raise RuntimeError("Chromium ended at once")

    async def _end(self) -> None:
        self._reader.cancel()
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._drain.cancel()

    async def _read(self) -> None:
        async for message in self._socket:
            data = json.loads(message.data)
            if "id" in data:
                self._waiting.pop(data["id"]).set_result(data)
            elif page := self._pages.get(data.get("sessionId", "")):
                page.problems += _problems(data)

    async def call(self, method: str, *, session: str = "", **params: Any) -> dict[str, Any]:
        number = next(self._ids)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json(
            {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        )
        answer = await asyncio.wait_for(self._waiting[number], 20)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    async def open(
        self, url: str, *, width: int = 1280, height: int = 860, dark: bool = False, script: bool = True
    ) -> Page:
        """A tab on `url`. Below 600 pixels of width it is a phone's."""
        target = await self.call("Target.createTarget", url="about:blank")
        attached = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        page = self._pages[attached["sessionId"]] = Page(self, attached["sessionId"])
        for domain in ("Page", "Runtime", "Log", "Network"):
            await page.call(f"{domain}.enable")
        phone = width < 600
        await page.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await page.call("Emulation.setEmulatedMedia", features=[scheme])
        await page.call("Emulation.setTimezoneOverride", timezoneId="Europe/Vienna")
        await page.call("Emulation.setScriptExecutionDisabled", value=not script)
        if script:
            await page.goto(url)
        else:
            await page.call("Page.navigate", url=url)
            await asyncio.sleep(1)
        return page


def _problems(data: dict[str, Any]) -> list[str]:
    params = data.get("params", {})
    match data.get("method"):
        case "Log.entryAdded" if params["entry"]["level"] in ("error", "warning"):
            return [f"{params['entry']['text']} {params['entry'].get('url', '')}"]
        case "Runtime.exceptionThrown":
            return [json.dumps(params["exceptionDetails"])[:500]]
        case "Runtime.consoleAPICalled" if params["type"] == "error":
            return [json.dumps(params["args"])[:500]]
    return []
