"""`chatmon config`, and a configuration file at work in the other commands."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import pytest

from chatmon.config import load
from chatmon.ui.keymap import check_keymap

from .conftest import Invoke
from .emulator import Emulator, chat
from .test_usage import SECRET, expect_one_line

PROFILES = f"""\
profile = "prod"
[profiles.prod]
url = "https://gws.example.com"
headers = {{ apikey = "env:GWS_API_KEY", token = "{SECRET}" }}
proxy = "http://me:{SECRET}@proxy.example.com:3128"
[alarms]
on_alarm = ["curl", "-H", "{SECRET}"]
idle = false
[ui]
timezone = "utc"
[keys]
pin_chat = "P"
"""


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The user's configuration folder."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "chatmon"


@pytest.fixture
def file(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GWS_API_KEY", SECRET)
    home.mkdir()
    (home / "config.toml").write_text(PROFILES)
    (home / "config.toml").chmod(0o600)
    return home / "config.toml"


def shown(chatmon: Invoke, *arguments: str) -> dict[str, tuple[object, str]]:
    """Value and origin of each setting."""
    result = chatmon("config", "show", "--format", "json", *arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    assert SECRET not in result.stdout
    document = json.loads(result.stdout)
    assert document["schema"] == 1
    return {setting["name"]: (setting["value"], setting["from"]) for setting in document["settings"]}


def test_show_tells_every_value_and_where_it_is_from(chatmon: Invoke, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATMON_MAX_RATE", "50")
    settings = shown(chatmon, "--interval", "5", "-H", "X-Mine: secret")

    assert settings["config_file"] == (str(file), "default")
    assert settings["profile"] == ("prod", "config.toml, line 1")
    assert settings["url"] == ("https://gws.example.com", "profile prod, line 3")
    assert settings["header apikey"] == ("env:GWS_API_KEY", "profile prod, line 4")
    assert settings["header token"] == ("***", "profile prod, line 4")
    assert settings["header X-Mine"] == ("***", "--header")
    assert settings["interval"] == (5.0, "--interval")
    assert settings["max_rate"] == (50.0, "CHATMON_MAX_RATE")
    assert settings["max_concurrency"] == (32, "default")
    assert settings["idle_every"] == (4, "default")
    assert settings["proxy"] == ("http://***@proxy.example.com:3128", "profile prod, line 5")
    assert settings["alarms.on_alarm"] == (["curl", "***", "***"], "[alarms], line 7")
    assert settings["alarms.idle"] == (False, "[alarms], line 8")
    assert settings["alarms.waiting"] == ({"warn": 60, "critical": 180}, "default")
    assert settings["ui.timezone"] == ("utc", "[ui], line 10")
    assert settings["keys.pin_chat"] == ("P", "[keys], line 12")
    assert settings["filters.f1"] == (None, "default")


def test_show_tells_both_levels_of_waiting_that_are_in_force(chatmon: Invoke, file: Path) -> None:
    found = []
    for written in ("{ warn = 10 }", "45", "false"):
        file.write_text(f"[alarms]\nwaiting.critical = 90\n[profiles.x.alarms]\nwaiting = {written}\n")
        found.append(shown(chatmon, "--profile", "x")["alarms.waiting"])

    origin = "profile x, line 4"
    assert found == [
        ({"warn": 10, "critical": 90}, origin),
        ({"warn": 45, "critical": False}, origin),
        ({"warn": False, "critical": False}, origin),
    ]


@pytest.mark.parametrize(
    ("written", "program"),
    [("~/bin/page", "/home/ada/bin/page"), ("bin/page", "{folder}/bin/page"), ("/bin/page", "/bin/page"), ("page", "page")],
)
def test_show_tells_which_program_an_alarm_runs(
    chatmon: Invoke, file: Path, monkeypatch: pytest.MonkeyPatch, written: str, program: str
) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    file.write_text(f'[alarms]\non_alarm = ["{written}", "~/{SECRET}"]\n')

    assert shown(chatmon)["alarms.on_alarm"] == ([program.format(folder=file.parent), "***"], "[alarms], line 2")


@pytest.mark.usefixtures("file")
def test_show_is_a_table_for_people(chatmon: Invoke) -> None:
    result = chatmon("config", "show")

    rows = {tuple(line.split(maxsplit=2)) for line in result.stdout.splitlines()}
    assert ("interval", "2.0", "default") in rows
    assert ("ids_file", "-", "default") in rows
    assert ("alarms.idle", "false", "[alarms], line 8") in rows
    assert SECRET not in result.stdout


@pytest.mark.usefixtures("home")
def test_show_tells_of_the_environment_and_of_what_is_off(chatmon: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATMON_API_KEY", SECRET)
    monkeypatch.setenv("CHATMON_HISTORY", "/tmp/h.sqlite3")
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{SECRET}@p:1")

    assert shown(chatmon, "--no-history")["history"] == (False, "--no-history")
    settings = shown(chatmon)
    assert settings["header apikey"] == ("***", "CHATMON_API_KEY")
    assert settings["history"] == ("/tmp/h.sqlite3", "CHATMON_HISTORY")
    assert settings["proxy"] == ("http://***@p:1", "HTTPS_PROXY")
    assert settings["url"] == (None, "default")


@pytest.mark.usefixtures("home")
def test_show_tells_the_file_that_watch_records_to_without_one_that_is_named(chatmon: Invoke, tmp_path: Path) -> None:
    assert shown(chatmon)["history"] == (str(tmp_path / "state" / "chatmon" / "history.sqlite3"), "default")
    (tmp_path / "c.toml").write_text("[profiles.x]\nhistory = false\n")
    assert shown(chatmon, "--config", str(tmp_path / "c.toml"), "--profile", "x")["history"] == (False, "profile x, line 2")


def test_what_cannot_be_used_is_refused_as_everywhere(chatmon: Invoke, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GWS_API_KEY")
    expect_one_line(chatmon("poll", "one").stderr, says=f"{file}:4: headers: the environment variable GWS_API_KEY, which")

    file.write_text("[ui]\nthem = 1\n")
    for arguments in (("config", "show"), ("poll", "one"), ("watch", "one"), ("demo",)):
        result = chatmon(*arguments)
        assert result.exit_code == 2
        expect_one_line(result.stderr, says=f"{file}:2: no key")


BAD_KEYS = {
    "an unknown binding": ('pin_chta = "p"', ':4: pin_chta: there is no binding "pin_chta"; did you mean pin_chat?'),
    "an unknown binding far from any": ('zzz = "p"', ":4: zzz: there is no binding"),
    "no such key": ('sort = "ctl+s"', ":4: sort has no such key as ctl+s"),
    "a key of another": ('sort = "u,q"', ":4: sort cannot have the key q, which is that of quit"),
    "a key twice": ('sort = "u"\npause = "T,u"', ":5: pause cannot have the key u, which is that of sort"),
}


@pytest.mark.parametrize(("lines", "says"), BAD_KEYS.values(), ids=BAD_KEYS.keys())
def test_keys_that_cannot_be_used_are_refused_by_whoever_shows_a_screen(
    chatmon: Invoke, file: Path, emulator: Emulator, lines: str, says: str
) -> None:
    file.write_text(f'[profiles.x]\nurl = "{emulator.url}"\n[keys]\n{lines}\n')
    emulator.chats["one"] = chat("Idle")

    for arguments in (("config", "show"), ("demo", "--chats", "1")):
        result = chatmon(*arguments)
        assert result.exit_code == 2
        expect_one_line(result.stderr, says=says)
    assert chatmon("poll", "--profile", "x", "one").exit_code == 0


def test_path_tells_where_the_file_is_looked_for(chatmon: Invoke, home: Path, tmp_path: Path) -> None:
    result = chatmon("config", "path")
    assert (result.stdout, result.exit_code) == (f"{home / 'config.toml'}\n", 0)
    assert "not there; chatmon config init writes it" in result.stderr

    (tmp_path / "mine.toml").write_text("")
    named = chatmon("config", "path", "--config", str(tmp_path / "mine.toml"))
    assert named.stdout == f"{tmp_path / 'mine.toml'}\n"
    assert "the file is there (from: --config)" in named.stderr


def test_init_writes_a_first_file_that_holds_every_setting(chatmon: Invoke, home: Path) -> None:
    result = chatmon("config", "init")

    file = home / "config.toml"
    assert (result.stdout, result.exit_code) == (f"{file}\n", 0)
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in home.iterdir()] == ["config.toml"]
    as_written = load({}, {})
    assert (as_written.profile, dict(as_written.options), dict(as_written.keys)) == ("prod", {}, {})

    file.write_text(re.sub(r"^#(?=\w)", "", file.read_text(), flags=re.MULTILINE))
    everything = load({}, {})
    assert {"url", "headers", "history", "history_days"} <= everything.options.keys()
    assert {"waiting", "on_alarm"} <= everything.alarms.keys()
    assert set(everything.filters) == {"f1", "f2", "f3", "f4"}
    assert {"theme", "columns", "sort"} <= everything.ui.keys()
    assert "pin_chat" in everything.keys
    check_keymap({name: entry.value for name, entry in everything.keys.items()})


def test_what_init_shows_as_defaults_are_the_defaults(chatmon: Invoke, home: Path) -> None:
    before = shown(chatmon)
    chatmon("config", "init")
    examples = {"url", "ids_file", "ca_bundle", "client_cert", "proxy", "metrics", "history", "alarms.on_alarm"}
    text = re.sub(r"^#(?=\w)(?!(url|headers|contact_center_id)\b)", "", (home / "config.toml").read_text(), flags=re.MULTILINE)
    (home / "config.toml").write_text(text)
    after = shown(chatmon)

    assert before.keys() <= after.keys()
    unchanged = [name for name in before if name not in {*examples, "profile"} and not name.startswith("filters.")]
    assert {name: after[name][0] for name in unchanged} == {name: before[name][0] for name in unchanged}


def test_init_never_touches_what_is_there(chatmon: Invoke, home: Path, tmp_path: Path) -> None:
    chatmon("config", "init")
    before = (home / "config.toml").read_text()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")

    for arguments in ((), ("--config", str(home / "config.toml")), ("--config", str(tmp_path / "dangling"))):
        result = chatmon("config", "init", *arguments)
        assert result.exit_code == 2
        expect_one_line(result.stderr, says="is there already and stays as it is")
    assert (home / "config.toml").read_text() == before
    assert not (tmp_path / "nowhere").exists()


def test_init_makes_folders_and_says_where_it_cannot(chatmon: Invoke, tmp_path: Path) -> None:
    assert chatmon("config", "init", "--config", str(tmp_path / "a" / "b" / "c.toml")).exit_code == 0
    assert (tmp_path / "a" / "b" / "c.toml").is_file()

    result = chatmon("config", "init", "--config", str(tmp_path / "a" / "b" / "c.toml" / "d.toml"))
    assert result.exit_code == 2
    expect_one_line(result.stderr, says="cannot be written: ")


def test_a_profile_that_names_everything_needs_no_argument(chatmon: Invoke, file: Path, emulator: Emulator) -> None:
    emulator.chats = {"one": chat("Idle"), "two": chat("Idle")}
    (file.parent / "chats.ids").write_text("one billing\ntwo\n")
    file.write_text(f'profile = "here"\n[profiles.here]\nurl = "{emulator.url}"\nids_file = "chats.ids"\n[alarms]\nidle = false\n')

    result = chatmon("poll", "--format", "json")

    assert [(one["id"], one["label"]) for one in json.loads(result.stdout)["chats"]] == [("one", "billing"), ("two", "")]
    assert (result.exit_code, result.stderr) == (0, "")
    named = chatmon("poll", "--format", "json", "two")
    assert [one["id"] for one in json.loads(named.stdout)["chats"]] == ["two"]


@pytest.mark.skipif(os.name == "nt", reason="no such permissions there")
def test_a_secret_that_others_may_read_is_warned_of_once(chatmon: Invoke, file: Path, emulator: Emulator) -> None:
    emulator.chats["one"] = chat("Idle")
    file.write_text(f'[profiles.x]\nurl = "{emulator.url}"\nheaders = {{ token = "{SECRET}" }}\n')
    file.chmod(0o644)

    for arguments in (("poll", "--profile", "x", "one"), ("config", "show", "--profile", "x")):
        result = chatmon(*arguments)
        assert result.exit_code == 0
        expect_one_line(result.stderr, says="holds a secret and others may read it")


def test_insecure_of_a_profile_is_said_with_its_place(chatmon: Invoke, file: Path) -> None:
    file.write_text('[profiles.x]\nurl = "https://127.0.0.1:9"\ninsecure = true\n')

    assert "chatmon: profile x, line 3: the server's certificate is not checked" in chatmon("poll", "--profile", "x", "one").stderr


@pytest.mark.skipif(os.name == "nt", reason="no such terminals there")
def test_the_dashboard_of_a_profile_needs_no_argument_and_bears_its_name(file: Path) -> None:
    from .test_watch import on_terminal

    (file.parent / "chats.ids").write_text("one billing\nnot an id \x01\nx\x01\ntwo\n")
    file.write_text(
        'profile = "prod"\n[profiles.prod]\nurl = "https://gws.example.com"\nids_file = "chats.ids"\ninterval = 5\n[ui]\ntheme = "nord"\n'
    )

    code, shown_there = on_terminal("watch", "--ascii")

    seen = json.loads(shown_there)
    assert (code, seen["source"], seen["theme"], seen["ascii"], seen["interval"]) == (7, "prod · gws.example.com", "nord", True, 5.0)
    assert [chat_id for chat_id, _ in seen["chats"]] == ["one", "not", "two"]
