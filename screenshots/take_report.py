"""Draws the picture of the HTML report: `python -m screenshots.take_report [FOLDER]`, from the folder that holds README.md.

A night in the simulated contact centre is recorded in virtual time, one monitor of which is killed, and with an outage: the same page
each time. Chromium draws it, the one thing that is needed beside the extra `dev`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from chatmon.cli.report_formats.page import page
from chatmon.cli.report_formats.words import Times
from chatmon.history.reader import HistoryReader
from chatmon.monitor.pseudonyms import REAL_NAMES
from chatmon.report.compilation import compile_report
from chatmon.report.report import BY, named
from tests.report.recorded_night import Night

FOLDER = Path(__file__).parent
NAME = "report.png"
BERLIN = ZoneInfo("Europe/Berlin")
DUSK = datetime(2026, 11, 21, 22, 0, tzinfo=BERLIN).timestamp()
HOURS = 8.0
CHATS, SEED, STEP = 26, 4, 6.0
KILLED = (15_100.0, 16_600.0)
OUTAGE = (8_640.0, 9_120.0)
SIZE = (1000, 1150)
"""Pixels of what is shown of the page: everything above its tables."""


def night_page() -> str:
    """The page of the night."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "night.sqlite3"
        end = DUSK + HOURS * 3_600
        Night(path, DUSK, chats=CHATS, seed=SEED, step=STEP).record(HOURS * 3_600 + 60, killed=[KILLED], outages=[OUTAGE])
        reader = HistoryReader(path)
        report = compile_report(reader, since=DUSK, until=end, now=end + 3_600, timezone=BERLIN, watched_in=BERLIN, service_level=60.0)
        reader.close()
    return page(named(report, REAL_NAMES), Times(report, BERLIN), BY)


def draw(text: str, picture: Path) -> None:
    """Let Chromium draw the beginning of a page."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "report.html").write_text(text, encoding="utf-8")
        width, height = SIZE
        subprocess.run(
            [
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                f"--window-size={width},{height}",
                f"--screenshot={picture.absolute()}",
                (Path(folder) / "report.html").as_uri(),
            ],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    draw(night_page(), (Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER) / NAME)
