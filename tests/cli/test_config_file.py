"""The configuration file: what it sets, over what and under what, and how a mistake in it is refused."""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest

from chatmon.config import Configuration, InvalidSetting, Layer, load, on_alarm, resolve_screen, resolve_thresholds
from chatmon.config.schema import ALARMS
from chatmon.config.screen import ScreenSettings
from chatmon.monitor.alarm_rules import RULES
from chatmon.monitor.alarms import Thresholds
from chatmon.monitor.pace import Pace

from .config_files import ENVIRONMENT, PROD, loaded, settings
from .test_usage import ID


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "chatmon.toml"
    file.write_text(PROD)
    file.chmod(0o600)
    return file


def test_a_profile_sets_what_options_set_and_knows_its_lines(file: Path) -> None:
    in_force = settings(file)

    assert in_force.endpoint.root == "https://gws.example.com/api/v2"
    assert in_force.endpoint.headers == {"ContactCenterId": "1234", "apikey": "key"}
    assert in_force.pace == Pace(interval=3.0, max_rate=50.5, max_concurrency=32, idle_every=2)
    assert str(in_force.origins["interval"]) == "profile prod, line 6"
    assert str(in_force.origins["header apikey"]) == "profile prod, line 5"
    assert in_force.origins["timeout"].layer is Layer.DEFAULT


def test_a_flag_counts_more_than_the_environment_and_that_more_than_a_profile(file: Path) -> None:
    url = "https://gws.example.com/other/v2"
    environment = {**ENVIRONMENT, "CHATMON_URL": url, "CHATMON_INTERVAL": "7", "CHATMON_API_KEY": "another"}

    in_force = settings(file, environment, interval="9", header=("contactcenterid: 5",))

    assert in_force.endpoint.root == url
    assert in_force.endpoint.headers == {"contactcenterid": "5", "apikey": "another"}
    assert (in_force.pace.interval, in_force.pace.max_rate) == (9.0, 50.5)


@pytest.mark.parametrize("url", ["http://gws.example.com", "https://gws.example.com:8443", "https://other.example.com/api/v2"])
def test_whoever_names_another_server_does_not_mean_the_usual_profile_and_sends_none_of_its_secrets(file: Path, url: str) -> None:
    for in_force in (settings(file, url=url), settings(file, {**ENVIRONMENT, "CHATMON_URL": url})):
        assert in_force.endpoint.headers == {}
        assert in_force.configuration.profile is None
        assert in_force.pace.interval == 2.0


def test_a_profile_that_is_asked_for_and_another_server_contradict_each_other(file: Path) -> None:
    with pytest.raises(InvalidSetting, match="--url names another server than --profile does"):
        settings(file, url="https://other.example.com", profile="prod")
    assert settings(file, url="HTTPS://GWS.example.com:443/v3", profile="prod").endpoint.headers != {}


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


def test_the_program_of_an_alarm_is_a_path_as_others_or_looked_for_by_its_name(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    found = []
    for program in ("~/bin/page", "./page", "sub/page", "/bin/page", "page"):
        file.write_text(f'[alarms]\non_alarm = ["{program}", "~/me", "a/b"]\n')
        found.append(on_alarm(loaded(file)))

    programs = ("/home/ada/bin/page", f"{file.parent}/page", f"{file.parent}/sub/page", "/bin/page", "page")
    assert found == [(program, "~/me", "a/b") for program in programs]
    monkeypatch.chdir(file.parent)
    file.write_text('[alarms]\non_alarm = ["./page"]\n')
    assert on_alarm(loaded(Path(file.name))) == (f"{file.parent}/page",)


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
    if "Europe/Berlin" not in available_timezones():
        pytest.skip("no time zones here")
    for name, zone in (("UTC", UTC), ("local", None), ("Europe/Berlin", ZoneInfo("Europe/Berlin"))):
        file.write_text(f'[ui]\ntimezone = "{name}"\n')
        assert resolve_screen({}, loaded(file)).timezone == zone


def test_what_a_first_file_says_of_alarms_is_how_they_are_without_one(file: Path) -> None:
    file.write_text("[alarms]\n" + "".join(f"{key.name} = {key.default}\n" for key in ALARMS.values() if not key.is_example))

    assert resolve_thresholds(loaded(file)) == Thresholds()
    assert {rule.name for rule in RULES} < set(ALARMS)


WAITING = {
    "45": (45, None),
    "false": (None, None),
    "{}": (60, 180),
    "{ warn = 10 }": (10, 180),
    "{ critical = 200.5 }": (60, 200.5),
    "{ warn = false }": (None, 180),
    "{ critical = false }": (60, None),
    "{ warn = false, critical = 20 }": (None, 20),
    "{ warn = 20, critical = 20 }": (20, 20),
}


@pytest.mark.parametrize(("written", "limits"), WAITING.items())
def test_a_level_of_waiting_that_is_left_out_stays_as_it_is_and_false_is_off(
    file: Path, written: str, limits: tuple[float | None, float | None]
) -> None:
    file.write_text(f"[alarms]\nwaiting = {written}\n")
    thresholds = resolve_thresholds(loaded(file))

    assert (thresholds.waiting_warn, thresholds.waiting_critical) == limits


WAITING_OF_A_PROFILE = {
    "{}": (30, 90),
    "{ warn = 10 }": (10, 90),
    "{ warn = false }": (None, 90),
    "false": (None, None),
    "100": (100, None),
}


@pytest.mark.parametrize(("written", "limits"), WAITING_OF_A_PROFILE.items())
def test_a_level_of_waiting_that_a_profile_leaves_out_is_that_of_all(
    file: Path, written: str, limits: tuple[float | None, float | None]
) -> None:
    file.write_text(f"[alarms]\nwaiting = {{ warn = 30, critical = 90 }}\n[profiles.x.alarms]\nwaiting = {written}\n")
    thresholds = resolve_thresholds(loaded(file, "x"))

    assert (thresholds.waiting_warn, thresholds.waiting_critical) == limits


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
    "a plain header": ('headers = { apikey = "hunter2" }', "the header apikey of profile prod, line 2;"),
    "a header of a list": ('headers = ["Authorization: hunter2"]', "the header Authorization of profile prod, line 2;"),
    "what is no header's name": ('headers = { "hunter2 hunter2" = "x" }', "the header in question of profile prod, line 2;"),
    "a proxy with a password": ('proxy = "http://me:hunter2@proxy:1"', "the proxy of profile prod, line 2;"),
    "several": ('proxy = "http://me:hunter2@proxy:1"\nheaders = { a = "1", b = "2" }', "the header a of profile prod, line 3 and 2 more;"),
    "references": ('headers = { apikey = "env:KEY", token = "file:token.txt" }', ""),
    "the contact centre alone": ('headers = { ContactCenterId = "1234" }', ""),
    "nothing": ("", ""),
}


@pytest.mark.skipif(os.name == "nt", reason="no such permissions there")
@pytest.mark.parametrize(("line", "named"), SECRETS.values(), ids=SECRETS.keys())
def test_a_secret_in_a_file_that_others_may_read_is_warned_of_by_its_name(file: Path, line: str, named: str) -> None:
    file.write_text(f"[profiles.prod]\n{line}\n")
    for mode in (0o600, 0o640, 0o604, 0o620):
        file.chmod(mode)
        warning = loaded(file).warning
        assert bool(warning) == (bool(named) and mode != 0o600)
        assert named in warning or not warning
        assert warning.startswith(str(file)) or not warning
        assert "hunter2" not in warning
