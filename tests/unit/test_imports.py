"""Who may import whom, as the table of docs/architecture.md has it: words < core < shell < edge < top. Walks the
imports, runs nothing."""

import ast
import re
from pathlib import Path

import bot

ROOT = Path(bot.__file__).parent

PAGE = Path("docs/architecture.md")


def layers_of(page: str) -> dict[str, set[str]]:
    """The page's table, which is the only one: layer -> its modules and packages."""
    rows = re.findall(r"^\| (words|core|shell|edge|top) \| (.*?) \|", page, re.M)
    return {layer: set(re.findall(r"`(\w+)/?`", modules)) for layer, modules in rows}


LAYERS = layers_of(PAGE.read_text(encoding="utf-8"))
LAYERS["top"] |= {"__main__", "__init__"}
ALSO = {"platforms": {"rendering"}, "storage": {"pools"}, "engine": {"pools"}}  # of what edges may import
LAYER_OF = {stage: layer for layer, stages in LAYERS.items() for stage in stages}
NEVER_IN_CORE = {
    "socket", "aiohttp", "httpx", "requests", "urllib.request", "sqlalchemy", "sqlite3", "asyncio", "os", "subprocess",
    "telegram", "slack_bolt", "slack_sdk", "dbos", "apscheduler", "starlette", "time", "random", "secrets",
}  # fmt: skip


def stage_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
            if node.module == "bot":
                names |= {f"bot.{alias.name}" for alias in node.names if alias.name != "__version__"}
    return names


def ours(names: set[str]) -> set[str]:
    return {name.split(".")[1] for name in names if name.startswith("bot.")}


MODULES = sorted(path for path in ROOT.rglob("*.py"))


def allowed(stage: str) -> set[str]:
    words = LAYERS["words"]
    match LAYER_OF[stage]:
        case "words":
            return words
        case "core":
            return words | {stage}
        case "shell":
            return words | LAYERS["core"] | {stage}
        case "edge":
            return words | {stage} | ALSO.get(stage, set())
        case _:
            return set(LAYER_OF)


def test_every_module_has_a_layer_and_every_layer_its_modules() -> None:
    there = {stage_of(path) for path in MODULES}
    assert there - set(LAYER_OF) == set(), f"{PAGE}: the table says of each module in which layer it is"
    assert set(LAYER_OF) - there == set(), f"{PAGE}: the table names what is not there"
    assert sum(map(len, LAYERS.values())) == len(LAYER_OF), f"{PAGE}: a module stands in two layers"


def test_imports_keep_to_the_layers() -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports bot.{stage}"
        for path in MODULES
        for stage in ours(imports_of(path)) - allowed(stage_of(path))
    }
    assert wrong == set()


def test_values_are_imported_from_the_model_as_a_whole() -> None:
    """So that a value may come to another of its modules, and no import elsewhere is changed."""
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in MODULES
        if stage_of(path) != "model"
        for name in imports_of(path)
        if name.startswith("bot.model.")
    }
    assert wrong == set()


def test_words_and_core_touch_no_network_database_clock_or_environment() -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in MODULES
        if LAYER_OF[stage_of(path)] in ("words", "core")
        for name in imports_of(path) & NEVER_IN_CORE
    }
    assert wrong == set()


def test_the_core_never_asks_what_time_it_is() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        if LAYER_OF[stage_of(path)] in ("words", "core")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "utcnow", "today")
        and isinstance(node.value, ast.Name) and node.value.id in ("datetime", "date")
    ]  # fmt: skip
    assert wrong == []
