"""Metric families of the library from names, meanings and values; every name begins with `chatmon_`."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from chatmon.monitor.histogram import Histogram

PREFIX: Final = "chatmon_"
UNITS: Final = ("seconds", "ratio")
"""What a name may end with for its unit to be told."""

Values = Mapping[Any, float]
"""By the value of the label, or by those of several."""


def gauge(name: str, meaning: str, value: float | None) -> Metric:
    """What goes up and down; without a sample where it is not known."""
    return gauges(name, meaning, (), {} if value is None else {(): value})


def gauges(name: str, meaning: str, labels: str | tuple[str, ...], values: Values) -> Metric:
    """The same of several, told apart by labels."""
    return _filled(GaugeMetricFamily(PREFIX + name, meaning, labels=_several(labels), unit=_unit(name)), values)


def counter(name: str, meaning: str, value: float) -> Metric:
    """What only grows. The library adds `_total` to the name."""
    return counters(name, meaning, (), {(): value})


def counters(name: str, meaning: str, labels: str | tuple[str, ...], values: Values) -> Metric:
    """The same of several, told apart by labels."""
    return _filled(CounterMetricFamily(PREFIX + name, meaning, labels=_several(labels)), values)


def histograms(name: str, meaning: str, label: str, values: Mapping[str, Histogram]) -> Metric:
    """Values counted by how large they were, told apart by a label."""
    family = HistogramMetricFamily(PREFIX + name, meaning, labels=[label], unit=_unit(name))
    for value, histogram in values.items():
        buckets = [("+Inf" if bound == inf else str(float(bound)), count) for bound, count in histogram.up_to()]
        family.add_metric([value], buckets, histogram.sum)
    return family


def _filled(family: GaugeMetricFamily | CounterMetricFamily, values: Values) -> Metric:
    for label, value in values.items():
        family.add_metric(_several(label), float(value))
    return family


def _several(label: str | tuple[str, ...]) -> tuple[str, ...]:
    return (str(label),) if isinstance(label, str) else tuple(map(str, label))


def _unit(name: str) -> str:
    return next((unit for unit in UNITS if name.endswith(f"_{unit}")), "")
