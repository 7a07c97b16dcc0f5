"""How requests reach Telegram; that they do is tests/contract/test_telegram.py."""

from __future__ import annotations

import pytest

from bot.platforms.telegram_http import _proxy

API = "https://api.telegram.org/bot"


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"HTTPS_PROXY": "http://one:3128"}, "http://one:3128", id="its own"),
        pytest.param({"ALL_PROXY": "http://all:3128"}, "http://all:3128", id="that of all"),
        pytest.param({"HTTP_PROXY": "http://one:3128"}, None, id="another's"),
        pytest.param({"HTTPS_PROXY": "http://one:3128", "NO_PROXY": "telegram.org"}, None, id="not for this host"),
    ],
)
def test_the_proxy_is_that_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], proxy: str | None
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert _proxy(API) == proxy
