"""What can be set or commanded is documented, and what is documented exists."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.cli import cli
from bot.commands import COMMANDS, Command
from bot.commands.history import COLUMNS
from bot.config import PREFIX, Settings
from bot.matching.cues import LANGUAGES
from bot.model import Source, Verdict

# What is true now. Decisions and the changelog tell of their day.
PAGES = [
    Path("README.md"),
    Path("CONTRIBUTING.md"),
    *sorted(Path("docs").glob("*.md")),
    *sorted(Path("tests/data").rglob("README.md")),
]
README = Path("README.md").read_text(encoding="utf-8")
CONFIGURATION = Path("docs/configuration.md").read_text(encoding="utf-8")


def row_of(page: str, text: str, begins: str) -> str:
    """The row of a table that begins so."""
    rows = [line for line in text.splitlines() if line.startswith(begins)]
    assert rows, f"{page}: there is no row that begins {begins}"
    return rows[0]


def test_every_row_of_a_setting_has_a_setting() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \| `SANCTIONS_BOT_", CONFIGURATION, re.M))
    assert rows - set(Settings.model_fields) == set()


def test_what_the_settings_file_shows_are_the_defaults() -> None:
    text = Path("config/sanctions-bot.toml").read_text(encoding="utf-8")
    shown = tomllib.loads("\n".join(re.findall(r"^# (\w+ = .*)", text, re.M)))
    assert len(shown) > 15
    default, given = Settings(), Settings(**{name: value for name, value in shown.items() if name != "user_agent"})
    assert given == default


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_settings_row_says_what_the_setting_says(name: str) -> None:
    row = row_of("docs/configuration.md", CONFIGURATION, f"| `{name}` ")
    assert f"`{PREFIX}{name.upper()}`" in row
    assert str(Settings.model_fields[name].description) in row


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_settings_row_has_its_default(name: str) -> None:
    shown = row_of("docs/configuration.md", CONFIGURATION, f"| `{name}` ").split(" | ")[2].strip("`")
    if shown.startswith("("):  # in words: (off), (none), (empty), (those that are free to use)
        return
    default = getattr(Settings(), name)
    read: object = shown.split(",") if isinstance(default, list) else shown
    read = sorted(read) if isinstance(read, list) else read
    given = sorted(default) if isinstance(default, list) else default
    said = f"docs/configuration.md has {shown} as the default of {name}, which is {default}"
    assert getattr(Settings(**{name: read}), name) == given, said


def test_the_readme_has_no_chat_command_that_is_not_there() -> None:
    assert set(re.findall(r"^\| `/(\w+)", README, re.M)) - {command.name for command in COMMANDS} == set()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_readme_says_what_help_says(command: Command) -> None:
    row = row_of("README.md", README, f"| `/{command.name}`")
    usage, said = re.split(r"(?<!\\)\|", row)[1:3]
    words = " ".join(re.findall(r"`([^`]*)`", usage)).replace("\\|", "|").removeprefix("/")
    assert words == command.line
    assert said.strip().startswith(README_SAYS.get(command.name, command.summary))


# A chat's "here" is none of the README's.
README_SAYS = {
    "timezone": "in which time zone times are told in this chat",
    "lists": "the official lists that are read",
}


def test_every_shell_command_is_in_the_readme() -> None:
    commands = typer.main.get_command(cli).commands  # type: ignore[attr-defined]
    assert set(re.findall(r"^\| `sanctions-bot (\w+)", README, re.M)) == set(commands)


@pytest.mark.parametrize("group", ["", "feedback", "jobs", "lists", "audit", "watch"])
def test_the_list_of_commands_cuts_no_sentence(group: str) -> None:
    program: Any = typer.main.get_command(cli)
    command = program.commands[group] if group else program
    told = command.get_help(typer.Context(command, terminal_width=78)).split("Commands:")[
        1
    ]  # in a terminal of 80 columns
    assert [line for line in told.splitlines() if line.endswith("...")] == [], "a short first sentence, then the rest"


def test_every_key_of_a_source_is_explained_in_the_catalogue() -> None:
    head = Path("config/sources.toml").read_text(encoding="utf-8").split("\n[[sources]]")[0]
    assert {key for key in Source.__dataclass_fields__ if not re.search(rf"\b{key}\b", head)} == set()


def test_the_languages_that_are_read_are_named() -> None:
    text = Path("docs/verdicts.md").read_text(encoding="utf-8")
    assert f"(there are {', '.join(LANGUAGES)})" in text


def test_every_verdict_is_explained() -> None:
    text = Path("docs/verdicts.md").read_text(encoding="utf-8")
    assert {verdict for verdict in Verdict if f"`{verdict}`" not in text} == set()


def test_every_column_of_the_events_file_is_explained() -> None:
    text = Path("docs/verdicts.md").read_text(encoding="utf-8").split("## The events as a file")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(COLUMNS)


def test_the_readmes_figures_are_those_of_the_judgement_page() -> None:
    """What stands twice, summed up in the one."""
    page = Path("docs/judgement.md").read_text(encoding="utf-8").split("## The figures")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:4] == "| `b"]

    def summed(kind: str) -> str:
        ours = [row for row in rows if re.match(kind, row[0])]
        precisions, recalls = ([float(row[at]) for row in ours] for at in (2, 3))
        alerts, quiet = (sum(int(row[5].split(" of ")[at]) for row in ours) for at in (0, 1))
        articles = sum(int(row[1]) for row in ours)
        told = [f"{min(rates):.2f} to {max(rates):.2f}" for rates in (precisions, recalls)]
        return f"\\| {articles} .*\\| {told[0]} \\| {told[1]} \\| {alerts} of {quiet} \\|"

    for kind in (r"`blind(?:_\d+)?`", "`blind_languages"):
        assert re.search(summed(kind), README), f"README lacks {summed(kind)}"


def test_links_between_our_own_pages_lead_somewhere() -> None:
    pages = [*PAGES, *Path("docs/decisions").glob("*.md")]
    broken = [
        f"{page}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def code_in(page: Path) -> Iterator[str]:
    """What stands between backticks, and each line of a block."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S):
        yield from block.splitlines()
    for span in re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)):
        yield span.replace(r"\|", "|")


CODE = [(page, code) for page in PAGES for code in code_in(page)]


def test_every_path_that_a_page_names_is_there() -> None:
    path = re.compile(
        r"(?<![\w/.-])((?:bot|tests|bench|docs|config|requirements)/[\w./*-]*[\w*/]|[\w/]+\.(?:py|toml))(?!\w)"
    )
    pattern = re.compile(r"\b(?:NAME|LANGUAGE|FORM|xx)\b")  # stands for a name of yours
    named = {(page, found) for page, code in CODE for found in path.findall(code) if not pattern.search(found)}
    assert len(named) > 50
    ours = [
        path.as_posix() for folder in ("bot", "tests", "bench", "docs", "config") for path in Path(folder).rglob("*")
    ]

    def is_there(name: str) -> bool:
        return any(Path().glob(name)) or any(path.endswith(f"/{name}") for path in ours)

    assert sorted(f"{page}: {name}" for page, name in named if not is_there(name)) == []


def test_every_page_that_our_code_names_is_there() -> None:
    files = [path for folder in ("bot", "tests", "bench", "config") for path in Path(folder).rglob("*.*")]
    named = {
        (path, page)
        for path in files
        if path.suffix in (".py", ".toml", ".yaml", ".html") and "data" not in path.parts
        for page in re.findall(r"\bdocs/[\w/-]+\.md", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 10
    assert sorted(f"{path}: {page}" for path, page in named if not Path(page).exists()) == []


def test_every_name_of_our_code_that_the_architecture_gives_is_there() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in Path("bot").rglob("*.py"))
    known = set(re.findall(r"\w+", text)) | {path.stem for path in Path("bot").rglob("*")}
    given = {
        (page, part)
        for page, code in CODE
        if page.name in ("architecture.md", "verdicts.md", "lists.md", "scaling.md", "routes.md")
        for name in re.findall(r"^([A-Za-z_]\w*(?:\.[A-Za-z_]\w+)+)(?:\(.*\))?$", code)
        if not name.endswith((".md", ".toml", ".csv", ".xml", ".json", ".jsonl", ".xlsx", ".npz"))
        for part in name.removesuffix(".py").split(".")
    }
    assert len(given) > 10
    assert sorted(f"{page}: {part}" for page, part in given if part not in known) == []


def test_every_link_to_a_heading_leads_to_one() -> None:
    def anchors(page: Path) -> set[str]:
        heads = re.findall(r"^#+ (.*)", page.read_text(encoding="utf-8"), re.M)
        return {re.sub(r"[^\w -]", "", head.lower()).strip().replace(" ", "-") for head in heads}

    links = [
        (page, target, anchor)
        for page in PAGES
        for target, anchor in re.findall(r"\]\(([^)#:\s]*)#([^)\s]+)\)", page.read_text(encoding="utf-8"))
    ]
    assert len(links) > 10
    assert [
        f"{page}: {target}#{anchor}"
        for page, target, anchor in links
        if anchor not in anchors(page.parent / target if target else page)
    ] == []


def test_every_make_target_that_a_page_names_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", Path("Makefile").read_text(encoding="utf-8"), re.M))
    named = {target for _, code in CODE for target in re.findall(r"^make (?!PYTHON)([a-z]+)", code)}
    assert {"test", "demo", "run"} <= named <= targets


def options_of(command: Any) -> set[str]:
    return {option for one in command.params for option in one.opts} | {"--help"}


def test_every_line_for_the_shell_has_a_command_and_options_that_are_there() -> None:
    program: Any = typer.main.get_command(cli)
    wrong = []
    for page, code in CODE:
        for line in re.findall(r"^(?:\$ )?sanctions-bot ([^&|<#]*)", code):
            words, command = shlex.split(line.replace("'", "")), program
            while words and words[0] in getattr(command, "commands", {}):
                command = command.commands[words.pop(0)]
            unknown = [word for word in words if word.startswith("-") and word != "-"]
            unknown = [word for word in unknown if word.split("=")[0] not in options_of(command)]
            if (command is program and words != ["--help"]) or unknown:
                wrong.append(f"{page}: {code}: {', '.join(unknown) or 'no such command'}")
    assert wrong == []


def test_every_tool_for_the_shell_has_the_options_that_a_page_gives_it() -> None:
    lines = [(page, code) for page, code in CODE if re.search(r"python tests/\w+\.py", code)]
    assert len(lines) > 5
    wrong = [
        f"{page}: {module}"
        for page, code in CODE
        for module in re.findall(r"python -m ((?:tests|bench)[\w.]*)", code)
        if not any(Path(f"{module.replace('.', '/')}{end}").exists() for end in (".py", "/__main__.py"))
    ]
    for page, code in lines:
        tool, rest = re.search(r"python (tests/\w+\.py)(.*)", code.split("#")[0]).groups()  # type: ignore[union-attr]
        text = Path(tool).read_text(encoding="utf-8")
        wrong += [f"{page}: {tool} {option}" for option in re.findall(r"--[\w-]+", rest) if f'"{option}"' not in text]
    assert wrong == []


NOT_OURS = set("newbot setinline setprivacy setjoingroups setcommands sanctions cancel".split())  # Telegram's, Slack's
NOT_COMMANDS = set("healthz metrics feed data tmp config api slack chat".split())  # addresses, folders


def test_every_chat_command_that_a_page_names_is_there() -> None:
    known = {command.name for command in COMMANDS} | NOT_OURS | NOT_COMMANDS
    named = {(page, name) for page, code in CODE for name in re.findall(r"^/([a-z]+)", code)}
    assert sorted(f"{page}: /{name}" for page, name in named if name not in known) == []
    said = {(page, name) for page, code in CODE for name in re.findall(r"^/sanctions ([a-z]+)", code)}
    assert sorted(f"{page}: /sanctions {name}" for page, name in said if name not in known) == []


def test_every_variable_that_a_page_names_is_a_setting() -> None:
    settings = {name.upper() for name in Settings.model_fields} | {"CONFIG_DIR", "X"}
    named = {(page, name) for page in PAGES for name in re.findall(rf"{PREFIX}([A-Z_]+)", page.read_text("utf-8"))}
    assert sorted(f"{page}: {name}" for page, name in named if name.removesuffix("_FILE") not in settings) == []


def test_every_command_that_our_answers_give_is_there() -> None:
    told = {
        (path, word)
        for path in Path("bot").rglob("*.py")
        for word in re.findall(r"""\bcmd\(f?["']([a-z]+)""", path.read_text(encoding="utf-8"))
    }
    assert len(told) > 50
    known = {command.name for command in COMMANDS}
    assert sorted(f"{path}: {word}" for path, word in told if word not in known) == []


def test_every_command_line_that_our_texts_give_is_there() -> None:
    program: Any = typer.main.get_command(cli)
    told = {
        (path, tuple(words.split()))
        for path in Path("bot").rglob("*.py")
        for words in re.findall(r"`sanctions-bot ([a-z]+(?: [a-z]+)?)", path.read_text(encoding="utf-8"))
    }
    assert len(told) > 5
    assert (
        sorted(
            f"{path}: {' '.join(words)}"
            for path, words in told
            if words[0] not in program.commands
            or (len(words) > 1 and words[1] not in getattr(program.commands[words[0]], "commands", words))
        )
        == []
    )
