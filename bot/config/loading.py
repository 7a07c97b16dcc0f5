"""Settings from the file, the environment and mounted secrets."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import ValidationError

from bot.config.files import is_there, read_toml
from bot.config.settings import PREFIX, Settings
from bot.errors import ConfigError

SETTINGS_FILE = "sanctions-bot.toml"


def load_settings(config_dir: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of config_dir/sanctions-bot.toml and the environment, checked. Raises ConfigError."""
    path = config_dir / SETTINGS_FILE
    environ = os.environ if environ is None else environ
    _check_names(environ)
    values = read_toml(path) if is_there(path) else {}
    try:
        return Settings(**(values | _mounted_secrets(environ)))
    except ValidationError as error:
        raise _named(error, path) from None


# Beside the settings; Kubernetes sets the others in every pod beside services called sanctions-bot, sanctions-bot-x
_OTHER_VARIABLES = re.compile(r"CONFIG_DIR|(?:\w+_)?SERVICE_(?:HOST|PORT\w*)|(?:\w+_)?PORT_\d+_\w+|PORT")


def _check_names(environ: Mapping[str, str]) -> None:
    """Raises ConfigError for a variable that would be ours and is no setting: a typo would switch nothing on."""
    known = {name.upper() for name in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known}
    for variable in sorted(environ):
        name = variable.upper().removeprefix(PREFIX)
        if not variable.upper().startswith(PREFIX) or name in known or _OTHER_VARIABLES.fullmatch(name):
            continue
        raise ConfigError(variable, "there is no such setting", _meant(name, known, PREFIX))


def _meant(name: str, known: Iterable[str], prefix: str = "") -> str:
    near = difflib.get_close_matches(name, sorted(known), 1)
    return f"{f'did you mean {prefix}{near[0]}? ' if near else ''}docs/configuration.md lists them"


def _mounted_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """SANCTIONS_BOT_X_FILE=/run/secrets/x stands for SANCTIONS_BOT_X with what the file holds. An empty file would
    switch a platform off without a word: it is refused."""
    secrets = {}
    for name in Settings.model_fields:
        variable = f"{PREFIX}{name.upper()}_FILE"
        path, itself = environ.get(variable), environ.get(f"{PREFIX}{name.upper()}")
        if path and itself == "":
            raise ConfigError(
                f"{PREFIX}{name.upper()}", f"is set, and empty: it beats {variable}", "take one of them out"
            )
        if path and itself is None:
            secrets[name] = _read_secret(variable, path)
    return secrets


def _read_secret(variable: str, path: str) -> str:
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(variable, f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ConfigError(variable, f"{path} is no text in UTF-8") from None  # the error's own words show some of it
    if not text:
        raise ConfigError(variable, f"{path} is empty", "put the value into it, or take the variable out")
    return text


def _named(error: ValidationError, path: Path) -> ConfigError:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"]) or "settings"
    problem = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        return ConfigError(f"{path.name}: {key}", "there is no such setting", _meant(key, Settings.model_fields))
    return ConfigError(key, problem, f"set it in {path} or as {PREFIX}{key.upper()}")
