"""Which alarms there were."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest

from chatmon.monitor.events import Event, EventKind
from chatmon.report.alarms_raised import AlarmsRaised, Overload, RuleCount


def raised(at: float, rule: str = "waiting", severity: str = "warn", chat: str | None = "one", agent: str | None = None) -> Event:
    return Event(at=at, kind=EventKind.ALARM_RAISED, chat=chat, rule=rule, severity=severity, agent=agent)


def cleared(at: float, rule: str = "waiting", chat: str | None = "one", agent: str | None = None) -> Event:
    return Event(at=at, kind=EventKind.ALARM_CLEARED, chat=chat, rule=rule, severity="warn", agent=agent)


def counted(*events: Event) -> AlarmsRaised:
    alarms = AlarmsRaised(100.0, 200.0, [(0.0, 150.0), (160.0, 200.0)], UTC)
    for event in events:
        alarms.take(event)
    return alarms


def test_an_alarm_that_becomes_critical_is_one_alarm() -> None:
    alarms = counted(raised(110), raised(120, severity="critical"), cleared(130), raised(140))
    assert alarms.counts() == (RuleCount("waiting", 2, 1),)


def test_an_alarm_of_before_counts_only_once_it_becomes_worse() -> None:
    assert counted(raised(90)).counts() == ()
    assert counted(raised(90), raised(110, severity="critical")).counts() == (RuleCount("waiting", 0, 1),)
    assert counted(raised(90), cleared(95), raised(110)).counts() == (RuleCount("waiting", 1, 0),)


def test_rules_stand_in_the_order_of_their_number() -> None:
    alarms = counted(raised(110, "idle"), raised(111, "churn"), raised(112, "churn", chat="two"))
    assert [one.rule for one in alarms.counts()] == ["churn", "idle"]


def test_overload_is_as_long_as_its_alarm_was_up_while_someone_watched() -> None:
    def overload(at: float, agent: str = "Kristi") -> Event:
        return raised(at, "overload", chat=None, agent=agent)

    def relief(at: float, agent: str = "Kristi") -> Event:
        return cleared(at, "overload", chat=None, agent=agent)

    alarms = counted(overload(90), relief(110), overload(120), relief(130), overload(140), overload(190, "Max"))
    assert alarms.overloads() == {"Kristi": Overload(2, 10.0 + 10.0 + (10.0 + 40.0)), "Max": Overload(1, 10.0)}


def test_what_is_news_is_told_with_its_severity() -> None:
    alarms = AlarmsRaised(100.0, 200.0, [], UTC)
    told = [alarms.take(event) for event in (raised(90), raised(110, severity="critical"), raised(111, "idle"), cleared(112))]
    assert told == [None, "critical", "warn", None]


HOUR, DAY = 3_600.0, 86_400.0
FRIDAY = 1_790_294_400.0
"""Midnight UTC."""
MONDAY = FRIDAY + 3 * DAY
OVER_THE_WEEKEND = [(FRIDAY + 9 * HOUR, FRIDAY + 18 * HOUR), (MONDAY + 8 * HOUR, MONDAY + 18 * HOUR)]


def started(at: float) -> Event:
    return Event(at=at, kind=EventKind.MONITOR_STARTED)


def over_the_weekend(*events: Event, since: float = FRIDAY) -> tuple[AlarmsRaised, list[str | None]]:
    """What was counted, and of each event the severity that was news."""
    alarms = AlarmsRaised(since, MONDAY + DAY, OVER_THE_WEEKEND, UTC)
    return alarms, [alarms.take(event) for event in events]


def test_an_alarm_that_no_monitor_knew_again_is_raised_anew() -> None:
    alarms, news = over_the_weekend(
        raised(FRIDAY + 17 * HOUR), started(MONDAY + 8 * HOUR), raised(MONDAY + 9 * HOUR), raised(MONDAY + 10 * HOUR, severity="critical")
    )
    assert alarms.counts() == (RuleCount("waiting", 2, 1),)
    assert news == ["warn", None, "warn", "critical"]


def test_overload_that_no_monitor_knew_again_was_over_when_the_one_before_ended() -> None:
    alarms, _ = over_the_weekend(
        raised(FRIDAY + 18 * HOUR - 360, "overload", chat=None, agent="Kristi"),
        raised(FRIDAY + 18 * HOUR - 30, "overload", chat=None, agent="Max"),
        started(MONDAY + 8 * HOUR + 2),
        raised(MONDAY + 15 * HOUR, "overload", chat=None, agent="Kristi"),
        cleared(MONDAY + 15 * HOUR + 60, "overload", chat=None, agent="Kristi"),
    )
    assert alarms.overloads() == {"Kristi": Overload(2, 420.0), "Max": Overload(1, 30.0)}


def test_of_an_alarm_that_no_monitor_knew_again_its_end_tells_nothing_more() -> None:
    alarms, _ = over_the_weekend(
        raised(FRIDAY + 18 * HOUR - 360, "overload", chat=None, agent="Kristi"),
        started(MONDAY + 8 * HOUR),
        cleared(MONDAY + 9 * HOUR, "overload", chat=None, agent="Kristi"),
        since=MONDAY,
    )
    assert alarms.overloads() == {}


@pytest.mark.parametrize(
    ("said", "begins"),
    [
        pytest.param([raised(MONDAY - DAY)], MONDAY + 8 * HOUR, id="raised just 24 hours before its day"),
        pytest.param([raised(FRIDAY), raised(MONDAY - DAY, severity="critical")], MONDAY + 8 * HOUR, id="raised before, and worse since"),
        pytest.param([raised(MONDAY - DAY)], MONDAY + DAY - 1, id="late on the day"),
    ],
)
def test_an_alarm_that_a_monitor_knew_again_goes_on(said: list[Event], begins: float) -> None:
    alarms, news = over_the_weekend(*said, started(begins), raised(begins + 1, severity=said[-1].severity or ""))
    assert news[-1] is None
    assert alarms.counts()[0].raised == 1


def test_monitors_began_at_the_midnights_of_their_time_zone() -> None:
    early = raised(MONDAY - DAY - HOUR)
    for zone, expected in ((UTC, 2), (timezone(timedelta(hours=2)), 1)):
        alarms = AlarmsRaised(FRIDAY, MONDAY + DAY, OVER_THE_WEEKEND, zone)
        for event in (early, started(MONDAY + 8 * HOUR), raised(MONDAY + 9 * HOUR)):
            alarms.take(event)
        assert alarms.counts() == (RuleCount("waiting", expected, 0),)
