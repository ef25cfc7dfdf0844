"""Where privacy is set from, and that pseudonyms are the same wherever one history is shown or printed."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from chatmon.cli.history import default_path
from chatmon.cli.privacy import naming, naming_of_run
from chatmon.config import InvalidSetting, load, resolve, resolve_privacy
from chatmon.config.origin import Layer
from chatmon.history.errors import HistoryRefused
from chatmon.history.reader import HistoryReader
from chatmon.history.writer import HistoryWriter
from chatmon.monitor.pseudonyms import Pseudonyms
from tests.terminal.terminal import CHATMON, Terminal

from .conftest import Invoke
from .emulator import Emulator, chat

ONE, TWO = "652492d9-c2d9-44c9-b9ad-0ab7984114bb", "0b1f0000-c2d9-44c9-b9ad-0ab7984114bb"
NAMES = ("Chris", "Kristi", "billing", ONE[:8], TWO[:8])


@pytest.fixture
def centre(emulator: Emulator) -> Emulator:
    emulator.chats[ONE] = chat("Chatting", (1, "Chris", "Customer"), (2, "Kristi", "Agent"))
    emulator.chats[TWO] = chat("Chatting", (1, "Chris", "Customer"), (2, "Kristi", "Agent"))
    return emulator


LAYERS = {
    "nothing": ({}, {}, "", False, Layer.DEFAULT),
    "the flag": ({"privacy": True}, {"CHATMON_PRIVACY": "0"}, "[ui]\nprivacy = false", True, Layer.FLAG),
    "the environment": ({}, {"CHATMON_PRIVACY": "yes"}, "privacy = false", True, Layer.ENVIRONMENT),
    "the environment says no": ({}, {"CHATMON_PRIVACY": "0"}, "privacy = true", False, Layer.ENVIRONMENT),
    "the profile": ({}, {"CHATMON_PRIVACY": ""}, "privacy = true", True, Layer.FILE),
    "the profile says no": ({}, {}, "privacy = false\n[ui]\nprivacy = true", False, Layer.FILE),
    "all screens": ({}, {}, "[ui]\nprivacy = true", True, Layer.FILE),
}


@pytest.mark.parametrize(("given", "environment", "written", "expected", "layer"), LAYERS.values(), ids=LAYERS)
def test_a_flag_counts_more_than_the_environment_that_more_than_the_profile_and_that_more_than_all_screens(
    tmp_path: Path, given: dict[str, object], environment: dict[str, str], written: str, expected: bool, layer: Layer
) -> None:
    (tmp_path / "c.toml").write_text(f'[profiles.p]\nurl = "http://x"\n{written}\n')
    given = {**given, "config": str(tmp_path / "c.toml"), "profile": "p"}
    settings = resolve(given, environment, load(given, environment))
    assert (settings.privacy, settings.origins["privacy"].layer) == (expected, layer)
    assert resolve_privacy(given, environment, load(given, environment)) is expected


def test_a_variable_that_says_neither_yes_nor_no_is_refused(chatmon: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidSetting, match="CHATMON_PRIVACY needs 1 or 0, true or false"):
        resolve({"url": "http://x"}, {"CHATMON_PRIVACY": "perhaps"})
    monkeypatch.setenv("CHATMON_PRIVACY", "perhaps")
    for arguments in (("poll", "--url", "http://127.0.0.1:1", ONE), ("export",), ("report",), ("replay",), ("demo",), ("config", "show")):
        result = chatmon(*arguments)
        assert (result.exit_code, result.stderr.startswith("chatmon: CHATMON_PRIVACY needs 1 or 0")) == (2, True)


def test_one_history_has_one_set_of_pseudonyms_wherever_it_is_shown_or_printed(chatmon: Invoke, centre: Emulator, tmp_path: Path) -> None:
    file, other = str(tmp_path / "h.sqlite3"), str(tmp_path / "other.sqlite3")
    (tmp_path / "chats.ids").write_text(f"{ONE} billing\n{TWO} billing\n")
    asked = ("--url", centre.url, "--ids-file", str(tmp_path / "chats.ids"), "--privacy")
    first = json.loads(chatmon("poll", *asked, "--history", file, "--format", "json").stdout)["chats"]
    centre.chats[ONE]["state"] = centre.chats[TWO]["state"] = "Idle"
    followed = chatmon("poll", *asked, "--history", file, "--follow", "--for", "0.5", "--format", "jsonl").stdout
    exported = chatmon("export", "--history", file, "--privacy").stdout
    reported = chatmon("report", "--history", file, "--privacy", "--format", "json").stdout
    elsewhere = json.loads(chatmon("poll", *asked, "--history", other, "--format", "json").stdout)["chats"]

    ids, agent = [one["id"] for one in first], first[0]["participants"][1]["nickname"]
    assert len(set(ids)) == 2
    assert [one["participants"] for one in first] == [first[0]["participants"]] * 2
    assert {json.loads(line)["chat"] for line in followed.splitlines()} == {*ids, None}
    assert {json.loads(line)["chat"] for line in exported.splitlines()} >= set(ids)
    assert agent in exported
    assert json.loads(reported)["agents"][0]["agent"] == agent
    assert not {one["id"] for one in elsewhere} & set(ids)
    assert agent not in json.dumps(elsewhere)
    assert not [name for name in NAMES if name in followed + exported + reported + json.dumps([first, elsewhere])]
    plain = chatmon("export", "--history", file).stdout
    assert all(name in plain for name in NAMES if name != "billing")
    with Terminal(CHATMON, "watch", *asked, "--history", file) as terminal:
        terminal.expect(*(one[:8] for one in ids), agent, "pseudonyms")


def test_a_spreadsheet_of_pseudonyms_holds_no_name(chatmon: Invoke, centre: Emulator, tmp_path: Path) -> None:
    file = str(tmp_path / "h.sqlite3")
    chatmon("poll", "--url", centre.url, ONE, "--history", file, "--follow", "--for", "0.5")
    del centre.chats[ONE]
    text = chatmon("export", "--history", file, "--privacy", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["kind"] for row in rows} >= {"first_seen"}
    assert not [name for name in NAMES if name in text]


def test_without_a_history_pseudonyms_are_those_of_the_state_folder(chatmon: Invoke, centre: Emulator) -> None:
    printed = [chatmon("poll", "--url", centre.url, "--privacy", "--format", style, ONE).stdout for style in ("csv", "csv", "table")]
    chat_id = printed[0].splitlines()[1].partition(",")[0]
    assert chat_id in printed[1]
    assert chat_id[:8] in printed[2]
    key = default_path().with_name("pseudonyms.key")
    assert Pseudonyms(key.read_bytes()).chat_id(ONE) == chat_id
    key.write_bytes(b"broken")
    assert chat_id not in chatmon("poll", "--url", centre.url, "--privacy", "--format", "csv", ONE).stdout


def test_where_the_state_folder_cannot_be_written_pseudonyms_hold_for_one_run() -> None:
    default_path().parent.parent.mkdir(parents=True, exist_ok=True)
    default_path().parent.write_text("in the way")
    names = naming(None, privacy=True)
    assert names.hides
    assert names.chat_id(ONE) == names.chat_id(ONE)
    assert naming(None, privacy=True).chat_id(ONE) != names.chat_id(ONE)


def test_a_demo_without_a_history_leaves_nothing_behind() -> None:
    assert naming_of_run(None, privacy=True).chat_id(ONE) != naming_of_run(None, privacy=True).chat_id(ONE)
    assert not default_path().parent.exists()
    assert not naming_of_run(None, privacy=False).hides


def test_a_history_whose_key_is_gone_is_not_printed_by_other_names(tmp_path: Path) -> None:
    writer = HistoryWriter(tmp_path / "h.sqlite3", source="s", token="t", started=1.0)
    writer.open()
    key = HistoryReader(tmp_path / "h.sqlite3").pseudonym_key()
    assert len(key) == 32
    assert HistoryReader(tmp_path / "h.sqlite3").pseudonym_key() == key
    assert writer._opened is not None
    writer._opened.connection.execute("DELETE FROM meta")
    with pytest.raises(HistoryRefused, match="the key of its pseudonyms is gone"):
        HistoryReader(tmp_path / "h.sqlite3").pseudonym_key()
    writer.close()


def test_an_alarm_command_gets_the_real_id_and_the_screen_the_pseudonym(centre: Emulator, tmp_path: Path) -> None:
    centre.chats[ONE] = chat("Idle", (1, "Chris", "Customer"), (2, "Kristi", "Agent"))
    save = f"import sys; open({str(tmp_path / 'alarm.json')!r}, 'a').write(sys.stdin.read())"
    program = json.dumps([sys.executable, "-c", save])
    (tmp_path / "c.toml").write_text(f"[alarms]\nidle = 1\non_alarm = {program}\n")
    environment = {"CHATMON_URL": centre.url, "CHATMON_INTERVAL": "0.2", "CHATMON_CONFIG": str(tmp_path / "c.toml")}
    with Terminal(CHATMON, "watch", "--privacy", ONE, environment=environment) as terminal:
        terminal.expect("idle ≥", "Cust ")
        told = tmp_path / "alarm.json"
        terminal.until(lambda: told.exists() and told.read_text().endswith("\n"), "the alarm command")
        terminal.type("q")
        assert terminal.ends() == 0
        output = terminal.output.decode(errors="replace")
    assert json.loads((tmp_path / "alarm.json").read_text())["chat"] == ONE
    assert not [name for name in NAMES if name in output]
