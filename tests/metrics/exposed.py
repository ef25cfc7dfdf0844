"""The figures of a monitor as a reader of either format has them, by the library's own parsers."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_plain

from chatmon.metrics.families import families
from chatmon.monitor.monitor import Monitor

Labels = frozenset[tuple[str, str]]
Samples = dict[tuple[str, Labels], float]
"""Every value by the sample's name and its labels."""


class Figures:
    """A collector over one monitor."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor

    def collect(self) -> Iterable[Metric]:
        return families(self._monitor)


def registry(monitor: Monitor) -> CollectorRegistry:
    collectors = CollectorRegistry()
    collectors.register(Figures(monitor))
    return collectors


def openmetrics_text(monitor: Monitor) -> str:
    written: bytes = openmetrics.generate_latest(registry(monitor))
    return written.decode()


def plain_text(monitor: Monitor) -> str:
    return generate_latest(registry(monitor)).decode()


def samples(text: str) -> Samples:
    """What an OpenMetrics text says. The parser refuses what breaks the format: names, units, orders of buckets, series given twice."""
    return samples_of(parse_openmetrics(text))


def plain_samples(text: str) -> Samples:
    """What a text of the classic format says."""
    return samples_of(parse_plain(text))


def samples_of(metrics: Iterable[Metric]) -> Samples:
    found = [((one.name, frozenset(one.labels.items())), one.value) for metric in metrics for one in metric.samples]
    assert len(found) == len(dict(found))
    return dict(found)


def values(of: Samples, name: str, label: str) -> dict[str, float]:
    """The values of a name by those of its one label; what is 0 is left out."""
    return {dict(labels)[label]: value for (known, labels), value in of.items() if known == name and value}


def value(of: Samples, name: str, **labels: str) -> float | None:
    """One value; None where there is no such sample."""
    return of.get((name, frozenset(labels.items())))
