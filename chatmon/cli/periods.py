"""A stretch of the past as it is typed: a day, the last hours, or from one time to another."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

import click
import msgspec

from chatmon.cli.points_in_time import DAYS, PointInTime, parse_point

EXAMPLES = "today, yesterday, a day such as 2026-11-22, or 8h for the last eight hours"


class Period(msgspec.Struct, frozen=True):
    """From `since` up to `until`, in UTC seconds."""

    since: float
    until: float


class TypedPeriod(msgspec.Struct, frozen=True):
    """A period that was typed as one word: the day that begins at `begins`, or, where `is_day` is False, from there to now."""

    begins: PointInTime
    is_day: bool

    def period(self, now: float, timezone: tzinfo | None) -> Period:
        """The period, which ends now at the latest. `now` is in UTC seconds, days are of `timezone`, None being the machine's."""
        since = self.begins.utc(now, timezone)
        if not self.is_day:
            return Period(since, now)
        following = datetime.fromtimestamp(since, timezone).date() + timedelta(days=1)
        return Period(since, min(now, datetime.combine(following, time(), timezone).timestamp()))


def parse_period(text: str) -> TypedPeriod:
    """The period that a word means. ValueError where it is none; the word is not repeated."""
    word = text.strip().lower()
    if word in DAYS:
        return TypedPeriod(parse_point(word), is_day=True)
    try:
        date.fromisoformat(word)
        return TypedPeriod(parse_point(word), is_day=True)
    except ValueError:
        pass
    point = parse_point(word)
    if point.ago is None:
        raise ValueError("no period")
    return TypedPeriod(point, is_day=False)


class PeriodParameter(click.ParamType):  # type: ignore[type-arg]  # generic only in later versions of click
    """An argument that is a period."""

    name = "period"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> TypedPeriod:
        """The period; BadParameter where it is none."""
        if isinstance(value, TypedPeriod):
            return value
        try:
            return parse_period(str(value))
        except ValueError:
            raise click.BadParameter(f"is {EXAMPLES}; for anything else there are --from and --to", ctx, param) from None


def period(typed: TypedPeriod | None, begins: PointInTime | None, ends: PointInTime | None, now: float, timezone: tzinfo | None) -> Period:
    """What a word, or else two times, mean; today, where nothing was typed. `now` is in UTC seconds.

    It begins no earlier than 1970 and ends now at the latest. ValueError, with what to do, where they contradict each other.
    """
    if typed is not None:
        if begins is not None or ends is not None:
            raise ValueError("give a period, or --from and --to, not both")
        found = typed.period(now, timezone)
    else:
        since = (begins or parse_point("today")).utc(now, timezone)
        found = Period(since, now if ends is None else ends.utc_after(since, now, timezone))
        if ends is not None and found.until <= since:
            raise ValueError("--to is not after --from, so nothing lies between them")
    if found.since >= now:
        raise ValueError("that time is yet to come; give one that is past")
    return Period(max(0.0, found.since), min(found.until, now))
