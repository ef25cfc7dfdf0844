"""What real shells complete, and that nothing is ever said to whoever is typing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from chatmon.cli.candidates import MAX_CHATS
from chatmon.history.writer import Batch, HistoryWriter
from chatmon.monitor.events import Event, EventKind
from tests.terminal.terminal import CHATMON

from .conftest import Invoke

ASK = {
    "bash": 'eval "$(chatmon completion bash)"\nCOMP_WORDS=({0}) COMP_CWORD={1}\n'
    '_chatmon_completion chatmon\nprintf "%s\\n" "${{COMPREPLY[@]}}"',
    "zsh": "compdef() {{ }}; compadd() {{ shift 4; print -l -- ${{(P)1}} }}; _path_files() {{ }}\n"
    "_describe() {{ print -l -- ${{(P)3}} }}\n"
    'eval "$(chatmon completion zsh)"\nwords=({0}) CURRENT=$(({1} + 1))\n_chatmon_completion',
    "fish": 'chatmon completion fish | source; complete -C "{0}"',
}
"""How a shell is asked what it would offer for a line, whose words and the place of the last one are filled in."""


def missing(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"no {shell} here")


SHELLS = [pytest.param(shell, marks=missing(shell)) for shell in ASK]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PATH": f"{Path(CHATMON).parent}:{os.environ['PATH']}", **more}


def offered(shell: str, line: str) -> list[str]:
    """What a shell offers for the last word of a line."""
    script = ASK[shell].format(line, len(line.split(" ")) - 1)
    plain = {"bash": ("bash", "--norc", "-c"), "zsh": ("zsh", "-f", "-c"), "fish": ("fish", "--no-config", "-c")}[shell]
    ended = subprocess.run([*plain, script], env=environment(), capture_output=True, text=True, check=True, timeout=60)
    assert ended.stderr == ""
    return [word for word in ended.stdout.splitlines() if word]


def answers(*words: str, last: str = "", **more: str) -> list[tuple[str, str, str]]:
    """What chatmon answers a shell: kind, value and description of each candidate."""
    line = " ".join(("chatmon", *words, last))
    asked = {"_CHATMON_COMPLETE": "zsh_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) + 1), **more}
    ended = subprocess.run([CHATMON], env=environment(**asked), capture_output=True, text=True, check=False, timeout=60)
    assert ended.stderr == ""
    lines = ended.stdout.splitlines() if ended.stdout.strip() else []
    return list(zip(lines[::3], lines[1::3], lines[2::3], strict=True))


def values(*words: str, last: str = "", **more: str) -> list[str]:
    return [value for _, value, _ in answers(*words, last=last, **more)]


@pytest.fixture
def history(tmp_path: Path) -> str:
    """Chats whose numbers count up in the order of their first event."""
    writer = HistoryWriter(tmp_path / "h.sqlite3", source="https://gws.example.com/api/v2", token="t", started=1e9)
    names = [f"chat-{number:03}" for number in range(60)] + ["one two", "$(reboot)"]
    writer.write(Batch(1e9, tuple(enumerate(Event(at=1e9, kind=EventKind.POLL_FAILED, chat=name) for name in names))))
    assert writer._opened is not None
    writer._opened.connection.execute("UPDATE chats SET label = 'bill\x1b[31ming' WHERE id = 'chat-059'")
    writer.close()
    return str(tmp_path / "h.sqlite3")


@pytest.mark.parametrize("shell", SHELLS)
def test_commands_options_values_profiles_and_chats_are_completed(shell: str, history: str, tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('[profiles.prod]\nurl = "http://x"\n[profiles.test]\nurl = "http://y"\n["profiles"."two words"]\nurl = "http://z"\n')
    for line, expected in (
        ("chatmon exp", ["export"]),
        ("chatmon config in", ["init"]),
        ("chatmon poll --for", ["--format", "--for"]),
        ("chatmon poll --format j", ["json", "jsonl"]),
        ("chatmon demo --faults out", ["outage"]),
        ("chatmon completion z", ["zsh"]),
        (f"chatmon watch --config {config} --profile ", ["prod", "test"]),
        (f"chatmon export --history {history} --chat chat-05", [f"chat-{number:03}" for number in range(59, 49, -1)]),
        (f"chatmon watch --history {history} chat-059 chat-05", [f"chat-{number:03}" for number in range(58, 49, -1)]),
    ):
        words = [word.partition("\t")[0].partition(":")[0] for word in offered(shell, line)]
        assert sorted(words) == sorted(expected), line
        assert words == expected or shell == "fish"  # which sorts for itself


def test_the_newest_chats_come_first_with_their_labels_and_none_that_a_shell_would_read_otherwise(history: str) -> None:
    found = answers("export", "--history", history, "--chat")
    assert [value for _, value, _ in found] == [f"chat-{number:03}" for number in range(59, 59 - MAX_CHATS + 2, -1)]
    assert "\x1b" not in found[0][2]
    assert found[0][2].startswith("bill")
    assert found[1][2] == "_"


def test_files_are_left_to_the_shell() -> None:
    for option in ("--ids-file", "--config", "--history", "--ca-bundle"):
        assert [kind for kind, _, _ in answers("poll", option)] == ["file"]
    assert [kind for kind, _, _ in answers("export", "--output")] == ["file"]


def test_with_privacy_no_chat_is_offered(history: str, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("[ui]\nprivacy = true\n")
    assert values("export", "--history", history, "--chat") != []
    assert values("export", "--history", history, "--privacy", "--chat") == []
    assert values("export", "--history", history, "--chat", CHATMON_PRIVACY="1") == []
    assert values("export", "--config", str(tmp_path / "c.toml"), "--history", history, "--chat") == []


def test_a_profile_offers_the_chats_of_its_own_deployment(history: str, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('[profiles.prod]\nurl = "https://gws.example.com"\n[profiles.test]\nurl = "http://other"\n')
    asked = ("export", "--history", history, "--config", str(tmp_path / "c.toml"))
    assert "chat-059" in values(*asked, "--profile", "prod", "--chat")
    assert values(*asked, "--profile", "test", "--chat") == []


def test_whatever_is_wrong_is_not_said_while_a_line_is_typed(tmp_path: Path) -> None:
    (tmp_path / "broken").write_text("[profiles\n\xff")
    broken = str(tmp_path / "broken")
    for words in (
        ("watch", "--config", broken, "--profile"),
        ("watch", "--config", broken),
        ("export", "--history", broken, "--chat"),
        ("export", "--history", str(tmp_path / "none"), "--chat"),
        ("export", "--profile", "none", "--chat"),
        ("no-such-command", "--chat"),
        ("export", "--no-such-option"),
        ("poll", "--interval", "x", "--url"),
    ):
        assert [value for value in values(*words) if not value.startswith("-")] == [], words
    for variables in ({"COMP_CWORD": "x"}, {"_CHATMON_COMPLETE": "tcsh_complete"}, {"_CHATMON_COMPLETE": ""}):
        assert values("export", **variables) == []


def test_another_shell_is_refused_in_one_line(chatmon: Invoke) -> None:
    result = chatmon("completion", "zhs")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "shell is one of bash, zsh, fish" in result.stderr
