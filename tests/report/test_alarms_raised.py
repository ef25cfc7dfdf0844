"""Which alarms there were."""

from __future__ import annotations

from chatmon.monitor.events import Event, EventKind
from chatmon.report.alarms_raised import AlarmsRaised, Overload, RuleCount


def raised(at: float, rule: str = "waiting", severity: str = "warn", chat: str | None = "one", agent: str | None = None) -> Event:
    return Event(at=at, kind=EventKind.ALARM_RAISED, chat=chat, rule=rule, severity=severity, agent=agent)


def cleared(at: float, rule: str = "waiting", chat: str | None = "one", agent: str | None = None) -> Event:
    return Event(at=at, kind=EventKind.ALARM_CLEARED, chat=chat, rule=rule, severity="warn", agent=agent)


def counted(*events: Event) -> AlarmsRaised:
    alarms = AlarmsRaised(100.0, 200.0, [(0.0, 150.0), (160.0, 200.0)])
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
    alarms = AlarmsRaised(100.0, 200.0, [])
    told = [alarms.take(event) for event in (raised(90), raised(110, severity="critical"), raised(111, "idle"), cleared(112))]
    assert told == [None, "critical", "warn", None]
