"""`chatmon report`: what happened, in figures, in four formats."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.report.recorded_night import Night
from tests.terminal.terminal import CHATMON, Terminal

from .conftest import Invoke

DUSK = datetime(2026, 11, 22, 21, 40, tzinfo=UTC).timestamp()
PERIOD = ("--from", "2026-11-22T21:00Z", "--to", "2026-11-22T23:00Z", "--timezone", "utc")
FORMATS = ("text", "json", "csv", "html")
AGENTS = ("Kristi Sippola", "Max Weber")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty minutes from 21:40 UTC on, eight of which nobody watched."""
    path = tmp_path_factory.mktemp("report") / "history.sqlite3"
    Night(path, DUSK, chats=8, seed=3, step=6.0).record(2_400.0, killed=[(600.0, 1_080.0)])
    return path


@pytest.fixture
def history(recorded: Path, tmp_path: Path) -> Path:
    """A copy that may be spoiled."""
    return Path(shutil.copy(recorded, tmp_path / "history.sqlite3"))


def run_sql(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


class Page(HTMLParser):
    """What a page holds, and whether every element in it is closed again."""

    VOID = frozenset({"meta", "line", "rect", "polygon", "polyline"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.said: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def report(chatmon: Invoke, history: Path, *arguments: str) -> str:
    result = chatmon("report", "--history", str(history), *(arguments if "--from" in arguments else (*PERIOD, *arguments)))
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def figures(chatmon: Invoke, history: Path, *arguments: str) -> Any:
    return json.loads(report(chatmon, history, "--format", "json", *arguments))


def test_text_has_the_figures_on_top_and_beside_each_rate_how_much_was_watched(chatmon: Invoke, history: Path) -> None:
    printed, found = report(chatmon, history), figures(chatmon, history)["figures"]
    lines = printed.splitlines()
    assert lines[0] == "Sunday 22 November 2026, 21:40–23:00 UTC"
    assert lines[1] == "Nothing is recorded of before 21:40."
    share, seen = int(found["in_time_share"] * 100), int(found["coverage"] * 100)
    assert f"In ≤60 s      ≤{share} % of {found['answered']} answered, watched {seen} %" in lines
    assert re.search(r"^Not watched +nobody watched 21:49–21:57, 22:19–23:00$", printed, re.MULTILINE)
    assert re.search(r"^21:40 .* 9\d %$", printed, re.MULTILINE)
    assert re.search(r"^22:00  [█▒ ]+ +\d+ ", printed, re.MULTILINE)
    assert "Watched       Of the time between each chat's first and last sight" in printed
    assert max(map(len, lines)) <= 120


def test_ascii_has_no_other_character(chatmon: Invoke, history: Path, tmp_path: Path) -> None:
    printed = report(chatmon, history, "--ascii")
    assert printed.isascii()
    assert re.search(r"^22:00  #+x* ", printed, re.MULTILINE)
    (tmp_path / "config.toml").write_text("[ui]\nascii = true\n")
    assert report(chatmon, history, "--config", str(tmp_path / "config.toml")) == printed


def test_agents_and_labels_have_tables_of_their_own(chatmon: Invoke, history: Path) -> None:
    by_agent, by_label = (report(chatmon, history, "--by", by) for by in ("agent", "label"))
    assert re.search(r"^Kristi Sippola  █+ +\d+ +[\d:]+ +\d", by_agent, re.MULTILINE)
    assert re.search(r"^billing ", by_label, re.MULTILINE)
    assert "22:00  " not in by_agent + by_label


def test_json_is_whole_and_has_times_of_utc_and_lengths_in_seconds(chatmon: Invoke, history: Path) -> None:
    found = figures(chatmon, history)
    assert found["schema"] == 1
    assert (found["asked_since"], found["since"]) == ("2026-11-22T21:00:00.000Z", "2026-11-22T21:40:00.000Z")
    assert found["until"] == "2026-11-22T23:00:00.000Z"
    assert [gap["kind"] for gap in found["gaps"]] == ["unwatched", "unwatched"]
    assert set(found["figures"]) == {
        "answered", "answered_in_time", "answered_late", "in_time_share", "in_time_share_exact", "time_to_answer_mean_seconds",
        "time_to_answer_p90_seconds", "time_to_answer_exact", "abandoned", "handled", "handling_time_mean_seconds", "coverage",
    }  # fmt: skip
    assert [hour["local"] for hour in found["hours"]] == ["21:40", "22:00"]
    assert {agent["agent"] for agent in found["agents"]} >= set(AGENTS)
    assert all(label["label"] for label in found["labels"])
    assert found["course"]["step_seconds"] == 60.0
    assert {"at", "waiting", "failing", "alarms", "critical"} == set(found["course"]["points"][0])
    assert list(figures(chatmon, history, "--by", "agent").keys() & {"hours", "agents", "labels"}) == ["agents"]


@pytest.mark.parametrize("by", ["hour", "agent", "label"])
def test_csv_says_what_json_does(chatmon: Invoke, history: Path, by: str) -> None:
    rows = list(csv.DictReader(report(chatmon, history, "--format", "csv", "--by", by).splitlines()))
    told = figures(chatmon, history, "--by", by)[f"{by}s"]
    written = [{name: "" if value is None else str(value).lower() for name, value in one.items()} for one in told]
    assert [{name: value.lower() for name, value in row.items()} for row in rows] == written


def test_html_needs_nothing_else_and_runs_nothing(chatmon: Invoke, history: Path) -> None:
    text = report(chatmon, history, "--format", "html")
    page = Page(text)
    assert text.startswith("<!doctype html>")
    assert {"svg", "table", "dl"} <= set(page.tags)
    assert not {"script", "link", "img", "iframe", "object", "a", "base", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in {"src", "href", "style", "action"}]
    assert "://" not in text
    style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in dict(page.attributes)["content"] + text
    assert "@media print" in style
    assert "prefers-color-scheme: dark" in style
    assert "url(#hatch)" in text


def test_a_gap_is_drawn_as_a_gap(chatmon: Invoke, history: Path) -> None:
    text = report(chatmon, history, "--format", "html")
    assert "<title>nobody watched 21:49–21:57</title>" in text
    assert len(re.findall(r'<polyline class="stroke"', text)) == 2


def test_what_strangers_wrote_means_nothing_to_a_browser(chatmon: Invoke, history: Path) -> None:
    run_sql(history, "UPDATE chats SET label = ? WHERE number % 2 = 0", '"><script>alert(1)</script>')
    run_sql(history, "UPDATE events SET detail = replace(detail, 'Kristi Sippola', '<b onclick=x>&amp;')")
    run_sql(history, 'UPDATE events SET detail = replace(detail, \'"rule":"waiting"\', \'"rule":"<i>"\')')
    text = report(chatmon, history, "--format", "html")
    page = Page(text)
    assert not {"script", "b onclick=x"} & set(page.tags)
    assert {"<b onclick=x>&amp;", '"><script>alert(1)</script>', "<i>"} <= set(page.said)


@pytest.mark.parametrize("style", FORMATS)
def test_with_privacy_nobody_is_named(chatmon: Invoke, history: Path, style: str) -> None:
    for by in ("hour", "agent", "label"):
        printed = report(chatmon, history, "--format", style, "--by", by, "--privacy")
        assert not [name for name in (*AGENTS, "billing", "sales", "Kristi") if name in printed]
    assert re.search("Agent [0-9A-Z]{6}", report(chatmon, history, "--format", style, "--by", "agent", "--privacy"))
    assert re.search("#[0-9A-Z]{5}", report(chatmon, history, "--format", style, "--by", "label", "--privacy"))


def test_agents_with_privacy_have_the_figures_of_without(chatmon: Invoke, history: Path) -> None:
    def chats(*arguments: str) -> list[tuple[int, float]]:
        agents = figures(chatmon, history, "--by", "agent", *arguments)["agents"]
        return [(agent["handled"], agent["talk_time_seconds"]) for agent in agents]

    assert chats() == chats("--privacy")


@pytest.mark.parametrize(("style", "says"), [("text", "Nothing was recorded"), ("html", "Nothing was recorded"), ("csv", "since,until")])
def test_where_nothing_was_recorded_the_report_says_so(chatmon: Invoke, history: Path, style: str, says: str) -> None:
    for day in (("2026-11-01", "2026-11-02"), ("2026-11-23T12:00Z", "2026-11-23T13:00Z")):
        printed = report(chatmon, history, "--from", day[0], "--to", day[1], "--format", style)
        assert says in printed
        assert (style == "html") or printed.count("\n") == 1


def test_where_nothing_was_counted_json_has_null(chatmon: Invoke, history: Path) -> None:
    found = figures(chatmon, history, "--from", "2026-11-01", "--to", "2026-11-02")
    assert (found["recorded"], found["hours"], found["most_waiting"]) == ([], [], None)
    counted = found["figures"]
    assert (counted["answered"], counted["in_time_share"], counted["coverage"], counted["handling_time_mean_seconds"]) == (0, *[None] * 3)


def test_today_is_meant_where_nothing_is_said(chatmon: Invoke, history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def whole(now: float, *arguments: str) -> str:
        monkeypatch.setattr("chatmon.cli.report.time.time", lambda: now)
        result = chatmon("report", "--history", str(history), "--timezone", "utc", *arguments)
        assert result.exit_code == 0
        return result.stdout.splitlines()[0]

    assert whole(DUSK + 3_600) == "Sunday 22 November 2026, 21:40–22:40 UTC"
    assert whole(DUSK + 14 * 3_600, "yesterday") == "Sunday 22 November 2026, 21:40–24:00 UTC"
    assert whole(DUSK + 3_600, "30m") == "Sunday 22 November 2026, 22:10–22:40 UTC"
    assert whole(DUSK + 14 * 3_600).startswith("Nothing was recorded in this time: Monday 23 November 2026, 00:00–11:40 UTC")


def test_days_are_of_the_time_zone_of_the_screens_or_of_the_one_that_is_named(chatmon: Invoke, history: Path, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[ui]\ntimezone = "Asia/Kolkata"\n')
    in_kolkata = ("2026-11-23", "--config", str(tmp_path / "config.toml"), "--history", str(history))
    rows = chatmon("report", *in_kolkata, "--format", "csv").stdout.splitlines()
    assert [row.split(",")[:3] for row in rows[1:]] == [["2026-11-22T21:40:00.000Z", "2026-11-22T22:30:00.000Z", "03:10"]]
    assert chatmon("report", *in_kolkata, "--timezone", "utc").stdout.startswith("Nothing was recorded")


def test_the_service_level_is_that_of_the_configuration(chatmon: Invoke, history: Path, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[alarms]\nservice_level = 12\n")
    strict, usual = figures(chatmon, history, "--config", str(tmp_path / "config.toml")), figures(chatmon, history)
    assert strict["service_level_seconds"] == 12.0
    assert strict["figures"]["answered_late"] > usual["figures"]["answered_late"]


def test_a_file_is_for_its_owner_alone_and_its_name_says_the_format(chatmon: Invoke, history: Path, tmp_path: Path) -> None:
    for name, begins in (("r.html", "<!doctype"), ("r.json", "{"), ("r.csv", "since,"), ("r", "Sunday"), ("r.HTM", "<!doctype")):
        assert report(chatmon, history, "--output", str(tmp_path / name)) == ""
        written = tmp_path / name
        assert written.read_text(encoding="utf-8").startswith(begins)
        assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert report(chatmon, history, "--output", str(tmp_path / "r.html"), "--format", "csv", "--force") == ""
    assert (tmp_path / "r.html").read_text().startswith("since,")


def test_what_is_there_stays_unless_force_says_otherwise(chatmon: Invoke, history: Path, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    before = history.read_bytes()
    cases = {
        ("--output", str(tmp_path / "there")): "stays as it is; --force replaces it",
        ("--output", str(tmp_path)): "is a folder; the name of a file is meant",
        ("--output", "/dev/null", "--force"): "is there already and no file",
        ("--output", str(tmp_path / "no" / "folder")): "folder that does not exist",
        ("--output", str(history), "--force"): "--output is the history itself",
        ("--force",): "give it too",
    }
    for arguments, says in cases.items():
        result = chatmon("report", "--history", str(history), *PERIOD, *arguments)
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
        assert says in result.stderr
        assert str(tmp_path) not in result.stderr
    assert ((tmp_path / "there").read_text(), history.read_bytes()) == ("mine", before)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--history", "no-such-file"), "does not exist or is empty; chatmon watch records one"),
        (("tomorrow",), "period is today, yesterday, a day such as 2026-11-22"),
        (("today", "yesterday"), "no further words"),
        (("today", "--from", "8h"), "give a period, or --from and --to, not both"),
        (("--from", "2h", "--to", "3h"), "--to is not after --from"),
        (("--from", "later"), "--from needs a time such as"),
        (("--by", "hours"), "did you mean hour?"),
        (("--format", "pdf"), "is one of text, json, csv, html"),
        (("--timezone", "Berlin"), "--timezone needs"),
        (("2999-01-01",), "yet to come"),
    ],
)
def test_mistakes_are_one_line(chatmon: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: Any, says: str) -> None:
    monkeypatch.chdir(tmp_path)
    result = chatmon("report", *arguments)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert says in result.stderr
    assert list(tmp_path.iterdir()) == []


def broken(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)


SPOILED: dict[str, Any] = {
    "is broken": broken,
    "does not exist or is empty": lambda path: path.write_bytes(b""),
    "is a file of another kind": lambda path: path.write_bytes(b"Dear diary, " * 100),
    "is another program's SQLite file": lambda path: run_sql(path, "PRAGMA application_id = 7"),
    "is of a later chatmon": lambda path: run_sql(path, "PRAGMA user_version = 99"),
}


@pytest.mark.parametrize("says", SPOILED)
def test_a_file_that_is_no_history_of_this_version_is_refused(chatmon: Invoke, history: Path, says: str) -> None:
    SPOILED[says](history)
    before = history.read_bytes()
    result = chatmon("report", "--history", str(history), *PERIOD)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert says in result.stderr
    assert history.read_bytes() == before


@pytest.mark.parametrize(("columns", "titles"), [(160, "waiting  watched"), (80, "in time    mean"), (44, "Hour   answered")])
def test_a_terminal_is_filled_and_not_overflowed(history: Path, columns: int, titles: str) -> None:
    arguments = ("report", "--history", str(history), *PERIOD)
    with Terminal(CHATMON, *arguments, columns=columns, rows=70) as terminal:
        assert terminal.ends() == 0
        assert titles in "\n".join(terminal.screen.display)
        assert b"\x1b[1mSunday" in terminal.output
    with Terminal(CHATMON, *arguments, columns=columns, rows=70, environment={"NO_COLOR": "1"}) as terminal:
        assert terminal.ends() == 0
        assert b"\x1b[" not in terminal.output
        assert max(len(line) for line in terminal.output.decode().splitlines()) <= columns
