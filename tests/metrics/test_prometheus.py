"""Prometheus itself, where it is installed: it reads the figures, and it accepts what the README tells it to do."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chatmon.monitor.monitor import Monitor
from tests.ui.watched import waiting_chats

from .exposed import openmetrics_text, plain_text, samples
from .test_server import serving

PATIENCE = 60.0
PROMTOOL, PROMETHEUS = shutil.which("promtool"), shutil.which("prometheus")
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
CHAPTER = README.split("\n## Metrics\n")[1].split("\n## ")[0]
SCRAPES, RULES = re.findall(r"```yaml\n(.*?)```", CHAPTER, re.DOTALL)


def promtool(*arguments: str, stdin: str = "") -> str:
    assert PROMTOOL is not None
    run = subprocess.run([PROMTOOL, *arguments], input=stdin, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


def idle_monitor() -> Monitor:
    return waiting_chats(3).monitor


def test_every_figure_that_the_rules_of_the_readme_ask_for_is_there() -> None:
    figures = samples(openmetrics_text(idle_monitor()))
    asked = re.findall(r"(chatmon_\w+)(?:\{(.*?)\})?", RULES.replace("name: chatmon", ""))
    assert len(asked) == 2
    for name, written in asked:
        wanted = set(re.findall(r'(\w+)="(.*?)"', written))
        assert any(known == name and wanted <= labels for known, labels in figures), name


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
def test_promtool_finds_nothing_to_mend(tmp_path: Path) -> None:
    (tmp_path / "prometheus.yml").write_text(SCRAPES)
    (tmp_path / "rules.yml").write_text(RULES)

    assert promtool("check", "metrics", stdin=plain_text(idle_monitor())) == ""
    assert "SUCCESS: 2 rules found" in promtool("check", "rules", str(tmp_path / "rules.yml"))
    promtool("check", "config", str(tmp_path / "prometheus.yml"))


class Running:
    """Prometheus at work."""

    def __init__(self, port: int) -> None:
        self._root = f"http://127.0.0.1:{port}/api/v1/"

    def asked(self, path: str, **query: str) -> Any:
        with urllib.request.urlopen(f"{self._root}{path}?{urllib.parse.urlencode(query)}", timeout=PATIENCE) as answer:
            return json.load(answer)["data"]

    def told(self, query: str) -> dict[str, float]:
        """The values of a query, by those of the label `result`."""
        return {one["metric"].get("result", ""): float(one["value"][1]) for one in self.asked("query", query=query)["result"]}

    def told_in_the_end(self, query: str) -> dict[str, float]:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                if found := self.told(query):
                    return found
            except (urllib.error.URLError, ConnectionError):
                pass  # it is not up yet
            assert time.monotonic() < end, f"no answer to {query}"
            time.sleep(0.1)


@contextmanager
def prometheus(folder: Path, target: int) -> Iterator[Running]:
    """Prometheus with the configuration of the README, but for the port and the second."""
    (folder / "prometheus.yml").write_text("global: {scrape_interval: 500ms}\n" + SCRAPES.replace(":9464", f":{target}"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    places = (
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    )
    with (folder / "log").open("w") as log:
        assert PROMETHEUS is not None
        running = subprocess.Popen([PROMETHEUS, *places], stdout=log, stderr=log)
    try:
        yield Running(port)
    finally:
        running.kill()
        running.wait()


@pytest.mark.skipif(PROMETHEUS is None, reason="Prometheus is not installed")
async def test_prometheus_reads_the_figures(tmp_path: Path) -> None:
    def ask(port: int) -> tuple[dict[str, float], Any, Any]:
        with prometheus(tmp_path, port) as running:
            rates = running.told_in_the_end("rate(chatmon_polls_total[1m]) > 0")
            assert running.told("histogram_quantile(0.95, rate(chatmon_poll_duration_seconds_bucket[1m]))")["answered"] < 30
            assert running.told("sum(chatmon_chats)") == {"": 3}
            return rates, running.asked("targets")["activeTargets"], running.asked("metadata", metric="chatmon_poll_duration_seconds")

    async with serving() as served:
        rates, (target,), metadata = await asyncio.to_thread(ask, served.port)

    assert rates.keys() == {"answered"}
    assert (target["health"], target["lastError"]) == ("up", "")
    # The unit is told in OpenMetrics alone.
    assert [(one["type"], one["unit"]) for one in metadata["chatmon_poll_duration_seconds"]] == [("histogram", "seconds")]
