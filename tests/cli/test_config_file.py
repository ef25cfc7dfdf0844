"""The configuration file: what it sets, over what and under what, and how a mistake in it is refused."""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.config import Configuration, InvalidSetting, Layer, Settings, load, resolve, resolve_screen, resolve_thresholds
from chatmon.config.screen import ScreenSettings
from chatmon.config.toml_file import read_toml
from chatmon.monitor.alarms import Thresholds

from .test_usage import ID, SECRET

PROD = """\
profile = "prod"

[profiles.prod]
url = "https://gws.example.com/api/v2"
headers = { ContactCenterId = "1234", apikey = "env:GWS_API_KEY" }
interval = 3
max_rate = 50.5

[profiles."test 1"]
url = "http://test.example.com"
headers = ["apikey: file:key.txt"]
insecure = true
history = false
alarms = { waiting = 20, on_alarm = false }

[alarms]
waiting = { warn = 30, critical = 90 }
idle = false
requeued = false
churn = 5
on_alarm = ["page", "--me"]

[ui]
theme = "nord"
timezone = "utc"
ascii = true
bell = true
notify = "osc9"
columns = ["state", "for", "label"]
sort = "for"

[filters]
f1 = 'state:waiting !agent:"kristi s"'

[keys]
pin_chat = "P,ctrl+k"
"""
ENVIRONMENT = {"GWS_API_KEY": "key"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "chatmon.toml"
    file.write_text(PROD)
    file.chmod(0o600)
    return file


def loaded(file: Path, profile: str | None = None, environment: dict[str, str] | None = None) -> Configuration:
    return load({"config": str(file), "profile": profile}, environment or {})


def settings(file: Path, environment: dict[str, str] | None = None, **given: object) -> Settings:
    given["config"] = str(file)
    environment = ENVIRONMENT if environment is None else environment
    return resolve(given, environment, load(given, environment))


def refusal(file: Path, content: str | bytes, profile: str | None = None) -> str:
    """What is said of a file with this content."""
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InvalidSetting) as refused:
        loaded(file, profile)
    said = str(refused.value)
    assert said.isprintable()
    assert SECRET not in said
    return said


def test_a_profile_sets_what_options_set_and_knows_its_lines(file: Path) -> None:
    in_force = settings(file)

    assert in_force.endpoint.root == "https://gws.example.com/api/v2"
    assert in_force.endpoint.headers == {"ContactCenterId": "1234", "apikey": "key"}
    assert (in_force.pace.interval, in_force.pace.max_rate, in_force.pace.max_concurrency) == (3.0, 50.5, 32)
    assert str(in_force.origins["interval"]) == "profile prod, line 6"
    assert str(in_force.origins["header apikey"]) == "profile prod, line 5"
    assert in_force.origins["timeout"].layer is Layer.DEFAULT


def test_a_flag_counts_more_than_the_environment_and_that_more_than_a_profile(file: Path) -> None:
    environment = {**ENVIRONMENT, "CHATMON_URL": "http://other", "CHATMON_INTERVAL": "7", "CHATMON_API_KEY": "another"}

    in_force = settings(file, environment, interval="9", header=("contactcenterid: 5",))

    assert in_force.endpoint.root == "http://other/api/v2"
    assert in_force.endpoint.headers == {"contactcenterid": "5", "apikey": "another"}
    assert (in_force.pace.interval, in_force.pace.max_rate) == (9.0, 50.5)


def test_the_profile_is_that_of_the_flag_or_of_the_environment_or_of_the_file(file: Path) -> None:
    assert loaded(file).profile == "prod"
    assert str(loaded(file).profile_origin) == "config.toml, line 1"
    assert loaded(file, environment={"CHATMON_PROFILE": "test 1"}).profile == "test 1"
    assert loaded(file, "prod", {"CHATMON_PROFILE": "test 1"}).profile == "prod"


def test_what_is_said_of_all_deployments_holds_without_a_profile(file: Path) -> None:
    configuration = load({"config": str(file)}, {"CHATMON_PROFILE": "no such"}, for_profile=False)

    assert (configuration.profile, dict(configuration.options)) == (None, {})
    assert resolve_thresholds(configuration).waiting_warn == 30


def test_alarms_of_a_profile_count_more_than_those_of_all_one_by_one(file: Path) -> None:
    all_of_them = Thresholds(waiting_warn=30, waiting_critical=90, idle=None, requeued=False, churn=5)

    (file.parent / "key.txt").write_text("k\n")
    assert (settings(file).thresholds, settings(file).on_alarm) == (all_of_them, ("page", "--me"))
    of_test = settings(file, profile="test 1")
    assert of_test.thresholds == Thresholds(waiting_warn=20, waiting_critical=None, idle=None, requeued=False, churn=5)
    assert of_test.on_alarm == ()


def test_the_screens_are_set_for_all_profiles_and_a_flag_counts_more(file: Path) -> None:
    expected = ScreenSettings(
        profile="prod",
        theme="nord",
        timezone=UTC,
        ascii=True,
        bell=True,
        notify="osc9",
        columns=("state", "for", "label"),
        sort="for",
        filters={"f1": 'state:waiting !agent:"kristi s"'},
        keys={"pin_chat": "P,ctrl+k"},
    )

    assert settings(file).screen == expected
    assert resolve_screen({"theme": "light", "ascii": False}, loaded(file)).theme == "light"
    assert resolve_screen({}, Configuration()) == ScreenSettings()


def test_paths_are_relative_to_the_folder_of_the_file_and_know_the_home_folder(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    (file.parent / "key.txt").write_text("from a file\n")
    file.write_text(f'{PROD}\n[profiles.x]\nurl = "http://x"\nids_file = "~/chats.ids"\nhistory = "sub/history.sqlite3"\n')

    of_x = settings(file, profile="x")

    assert settings(file, profile="test 1").endpoint.headers == {"apikey": "from a file"}
    assert (of_x.ids_file, of_x.history.file) == ("/home/ada/chats.ids", file.parent / "sub/history.sqlite3")
    file.write_text('[profiles.x]\nids_file = "-"\n')
    assert loaded(file, "x").options["ids_file"].value == "-"


def test_where_events_are_recorded(file: Path) -> None:
    file.write_text(PROD.replace("interval = 3", 'history = "h.db"\nhistory_days = 7'))
    (file.parent / "key.txt").write_text("k")

    assert (settings(file).history.file, settings(file).history.days) == (file.parent / "h.db", 7)
    assert settings(file, {**ENVIRONMENT, "CHATMON_HISTORY": "/e.db"}).history.file == Path("/e.db")
    assert settings(file, {**ENVIRONMENT, "CHATMON_HISTORY": "/e.db"}, no_history=True).history.is_off
    assert settings(file, profile="test 1").history.is_off
    assert not settings(file, profile="test 1", history="/f.db").history.is_off
    with pytest.raises(InvalidSetting, match="contradict"):
        settings(file, history="/f.db", no_history=True)


def test_a_time_zone_goes_by_its_name(file: Path) -> None:
    for name, zone in (("UTC", UTC), ("local", None), ("Europe/Berlin", ZoneInfo("Europe/Berlin"))):
        file.write_text(f'[ui]\ntimezone = "{name}"\n')
        assert resolve_screen({}, loaded(file)).timezone == zone


WAITING = {
    "45": (45, None),
    "false": (None, None),
    "{ warn = 10 }": (10, None),
    "{ warn = false, critical = 20 }": (None, 20),
    "{ critical = 20.5 }": (None, 20.5),
}


@pytest.mark.parametrize(("written", "limits"), WAITING.items())
def test_waiting_may_warn_be_critical_both_or_neither(file: Path, written: str, limits: tuple[float | None, float | None]) -> None:
    file.write_text(f"[alarms]\nwaiting = {written}\n")
    thresholds = resolve_thresholds(loaded(file))

    assert (thresholds.waiting_warn, thresholds.waiting_critical) == limits


MISTAKES = {
    "an unknown table": ("[alarm]\n", ':1: no key "alarm" in what stands before the first [table]; did you mean alarms?'),
    "an unknown key": ('[ui]\n\nthem = "dark"\n', ':3: no key "them" in [ui]; did you mean theme?'),
    "an unknown key far from any": ("[filters]\nf9 = 'x'\n", ':2: no key "f9" in [filters]; there are f1, f2, f3, f4'),
    "an unknown key of a profile": ("[profiles.prod]\nintervall = 2\n", ':2: no key "intervall" in [profiles.prod]; did you'),
    "an unknown key of a profile's alarms": (
        "[profiles.prod.alarms]\nwait = 2\n",
        ':2: no key "wait" in [profiles.prod.alarms]; did you',
    ),
    "a key with dots": ("[profiles.prod]\nalarms.wating = 3\n", ':2: no key "wating" in [profiles.prod.alarms]; did you'),
    "a quoted key": ('[profiles."my \\u0041 one"]\n\n"ur l" = 3\n', ':3: no key "ur l" in [profiles.my A one]; did you mean url?'),
    "a key in the wrong place": ('url = "http://x"\n', "; it belongs below a line [profiles.NAME]"),
    "a key of another table": ("[ui]\nwaiting = 3\n", "; it belongs below a line [alarms]"),
    "a profile that is none": ("[profiles]\nprod = 3\n", ":2: prod is a table, which begins with a line [profiles.prod]; found 3"),
    "a table that is a list": ("[[ui]]\ntheme = 1\n", ":1: ui is a table, which begins with a line [ui]; found a list"),
    "a chosen profile that is missing": ('\nprofile = "prd"\n[profiles.prod]\n', ':2: no profile "prd"; did you mean prod?'),
    "a chosen profile among none": ('profile = "prod"\n', ':1: no profile "prod"; there is none; one begins with a line [profiles.NAME]'),
    "a number out of bounds": ("[profiles.p]\ninterval = 0\n", ":2: interval needs a number from 0.05 to 86400; found 0"),
    "a number that is none": ("[profiles.p]\ninterval = nan\n", ":2: interval needs a number from 0.05 to 86400; found a number"),
    "a huge number": (f"[profiles.p]\ninterval = {10**400}\n", ":2: interval needs a number from 0.05 to 86400; found a number"),
    "a number in quotes": (f'[profiles.p]\ntimeout = "{SECRET}"\n', ":2: timeout needs a number from 0.05 to 600; found a text"),
    "a broken whole number": ("[profiles.p]\nmax_concurrency = 1.5\n", ":2: max_concurrency needs a whole number"),
    "a switch that is a number": ("[profiles.p]\ninsecure = 1\n", ":2: insecure needs true or false; found 1"),
    "a text that is a date": ("[profiles.p]\nurl = 2026-11-22\n", ":2: url needs a text in quotes; found a date or time"),
    "a text that is empty": ('[profiles.p]\nids_file = " "\n', ":2: ids_file needs a text in quotes; found an empty text"),
    "headers that are a text": (f'[profiles.p]\nheaders = "apikey: {SECRET}"\n', '["Name: value"]; found a text'),
    "a header that is a number": ("[profiles.p.headers]\nX-A = 'a'\nX-B = 4\n", ':3: headers needs { Name = "value" }'),
    "a header without a colon": (f'[profiles.p]\nheaders = [\n "A: b",\n "{SECRET}",\n]\n', ":2: headers needs"),
    "a rule out of bounds": ("[alarms]\nunseen = 0\n", ":2: unseen needs a number from 1 to 604800, or false for off; found 0"),
    "a rule that is true": ("[alarms]\nidle = true\n", ":2: idle needs a number from 1 to 604800, or false for off; found true"),
    "an unknown severity": ("[alarms]\nwaiting = { warm = 3 }\n", ':2: waiting has warn and critical; found "warm"; did you mean warn?'),
    "a severity out of bounds": ("[alarms]\nwaiting = { warn = -3 }\n", ":2: waiting warn needs a number from 1 to 604800"),
    "critical before it warns": ("[alarms]\nwaiting = { warn = 9, critical = 8 }\n", "; found warn = 9 and critical = 8"),
    "a command that is a text": ('[alarms]\non_alarm = "page me"\n', "or false for off; found a text"),
    "an unknown theme": ('[ui]\ntheme = "drak"\n', '; found "drak"; did you mean dark?'),
    "an unknown time zone": ('[ui]\ntimezone = "Europe/Berln"\n', 'found "Europe/Berln"; did you mean Europe/Berlin?'),
    "a time zone that is a folder": ('[ui]\ntimezone = "Europe"\n', ':2: timezone needs "local"'),
    "a time zone with a way out": ('[ui]\ntimezone = "../../etc/passwd"\n', ':2: timezone needs "local"'),
    "an unknown notification": ("[ui]\nnotify = true\n", ":2: notify is one of off, osc9, osc777; found true"),
    "an unknown column": ('[ui]\ncolumns = ["state",\n  "custmer"]\n', '; found "custmer"; did you mean customer?'),
    "a column twice": ('[ui]\ncolumns = ["state", "state"]\n', ":2: columns names state twice; name each once"),
    "an unknown order": ('[ui]\nsort = ["for"]\n', "; found a list"),
    "a filter that is none": ("[filters]\nf1 = 'agnt:x'\n", ":2: f1 is no filter: "),
    "keys that are a number": ("[keys]\nquit = 3\n", ":2: quit needs a text in quotes; found 3"),
    "control characters": ('[ui]\ntheme = "\\u001b[31m"\n', "theme is one of"),
    "no TOML": ("[ui]\ntheme = dark\n", ":2: no TOML: invalid value, at column 9; "),
    "a bracket left open": ("[ui]\ncolumns = [\n\n", ":3: no TOML: "),
    "a key twice": (f'[profiles.p]\nurl = "{SECRET}"\nurl = "x"\n', ":3: no TOML: "),
    "brackets without end": ("[ui]\ncolumns = " + "[" * 100_000, ": no TOML: brackets within brackets"),
    "no UTF-8": (b"[ui]\n# \xff\n", ":2: not UTF-8 text; "),
    "a huge file": (b"#" * 300_000, ": larger than 256 KiB"),
}


@pytest.mark.parametrize(("content", "says"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_refused_with_file_line_and_what_would_do(file: Path, content: str | bytes, says: str) -> None:
    said = refusal(file, content)

    assert said.startswith(f"{file}:")
    assert says in said


LATER_MISTAKES = {
    "a URL": (f'url = "ftp://{SECRET}"', "url: the URL must begin with"),
    "a proxy": (f'url = "http://x"\nproxy = "socks://{SECRET}"', "proxy: the proxy's URL must look like"),
    "a header from an unset variable": ('url = "http://x"\nheaders = { apikey = "env:NOT_SET" }', "headers: the environment variable"),
    "a header from a missing file": (f'url = "http://x"\nheaders = {{ apikey = "file:{SECRET}" }}', "headers: the file for"),
    "a bad header": (f'url = "http://x"\nheaders = {{ "a b" = "{SECRET}" }}', "headers: "),
    "a header twice": ('url = "http://x"\ncontact_center_id = "1"\nheaders = { contactcenterid = "2" }', "contact_center_id: the header"),
    "a bundle that is missing": ('url = "https://x"\nca_bundle = "no.pem"', "ca_bundle: "),
    "a certificate that is missing": ('url = "https://x"\nclient_cert = "no.pem"', "client_cert: "),
}


@pytest.mark.parametrize(("lines", "says"), LATER_MISTAKES.values(), ids=LATER_MISTAKES.keys())
def test_a_value_that_cannot_be_used_is_blamed_on_its_line(file: Path, lines: str, says: str) -> None:
    file.write_text(f"[profiles.x]\n{lines}\n")
    line = 2 + next(number for number, text in enumerate(lines.splitlines()) if text.startswith(says.partition(":")[0]))

    with pytest.raises(InvalidSetting) as refused:
        settings(file, profile="x")

    assert str(refused.value).startswith(f"{file}:{line}: {says}")
    assert SECRET not in str(refused.value)


def test_a_profile_that_is_not_there_is_refused_without_repeating_what_was_typed(file: Path) -> None:
    for typed, environment, says in (
        ({"profile": "prd"}, {}, "--profile: no such profile; did you mean prod?"),
        ({"profile": ID}, {}, "--profile: no such profile; there are prod, test 1"),
        ({}, {"CHATMON_PROFILE": ID}, "CHATMON_PROFILE: no such profile; there are prod, test 1"),
    ):
        with pytest.raises(InvalidSetting) as refused:
            load({"config": str(file), **typed}, environment)
        assert str(refused.value) == says


def test_without_a_file_everything_is_as_it_is_by_default_unless_one_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    missing = str(tmp_path / "no.toml")

    assert load({}, {}) == Configuration(tmp_path / "chatmon" / "config.toml")
    for typed, environment, says in (
        ({"config": missing}, {}, f"--config: {missing} does not exist"),
        ({}, {"CHATMON_CONFIG": missing}, f"CHATMON_CONFIG: {missing} does not exist"),
        ({"profile": "prod"}, {}, "--profile: there is no file"),
        ({"config": str(tmp_path)}, {}, f"{tmp_path} is a directory"),
    ):
        with pytest.raises(InvalidSetting) as refused:
            load(typed, environment)
        assert str(refused.value).startswith(says)


def test_no_api_root_names_the_profiles_that_have_one(file: Path) -> None:
    file.write_text(PROD.removeprefix('profile = "prod"'))

    with pytest.raises(InvalidSetting, match=r"no API root: .*, or --profile: prod, test 1"):
        settings(file)


SECRETS = {
    "a plain header": ('headers = { apikey = "hunter2" }', True),
    "a proxy with a password": ('proxy = "http://me:hunter2@proxy:1"', True),
    "references": ('headers = { apikey = "env:KEY", token = "file:token.txt" }', False),
    "the contact centre alone": ('headers = { ContactCenterId = "1234" }', False),
    "nothing": ("", False),
}


@pytest.mark.skipif(os.name == "nt", reason="no such permissions there")
@pytest.mark.parametrize(("line", "holds_secret"), SECRETS.values(), ids=SECRETS.keys())
def test_a_secret_in_a_file_that_others_may_read_is_warned_of(file: Path, line: str, holds_secret: bool) -> None:
    file.write_text(f"[profiles.prod]\n{line}\n")
    for mode in (0o600, 0o640, 0o604):
        file.chmod(mode)
        assert bool(loaded(file).warning) == (holds_secret and mode != 0o600)
        assert "hunter2" not in loaded(file).warning


SHAPES = {
    "tables and dots": (
        'a = 1\n\n[b.c]\nd.e = 2\n"f g" = 3\n',
        {("a",): 1, ("b",): 3, ("b", "c"): 3, ("b", "c", "d"): 4, ("b", "c", "d", "e"): 4, ("b", "c", "f g"): 5},
    ),
    "inline tables": ("\nx = { y = 1, z.w = 2 }", {("x",): 2, ("x", "y"): 2, ("x", "z"): 2, ("x", "z", "w"): 2}),
    "lists of several lines": ("a = [\n 1, # [b]\n 2,\n]\nb = 2\n", {("a",): 1, ("b",): 5}),
    "texts of several lines": ('a = """\n[b]\nc = 3\n"""\nd = 1', {("a",): 1, ("d",): 5}),
    "comments": ("# [a]\n#b = 1\n  [ c ] # d\n  e = 1\n", {("c",): 3, ("c", "e"): 4}),
    "a table on lines of its own": ("[a.b]\n\nc = 1\n[a]\nd = 1\n", {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 3, ("a", "d"): 5}),
    "lists of tables": ("[[a]]\nb = 1\n[[a]]\nb = 2\n", {("a",): 1, ("a", "b"): 2}),
    "carriage returns": ("a = 1\r\n[b]\r\nc = 1\r\n", {("a",): 1, ("b",): 2, ("b", "c"): 3}),
}


@pytest.mark.parametrize(("content", "lines"), SHAPES.values(), ids=SHAPES.keys())
def test_every_key_knows_its_line_however_it_is_written(file: Path, content: str, lines: dict[tuple[str, ...], int]) -> None:
    file.write_bytes(content.encode())

    assert read_toml(file).lines == lines


@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_whatever_the_file_holds_is_understood_or_refused_with_its_name(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(content)
    try:
        loaded(file)
        said = str(file)
    except InvalidSetting as error:
        said = str(error)

    assert said.startswith(str(file))
    assert said.isprintable()
