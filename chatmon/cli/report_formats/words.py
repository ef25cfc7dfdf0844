"""The words of a report that every format for people shares."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta, tzinfo
from typing import Final

from chatmon.api.sanitise import clean
from chatmon.monitor.durations import duration
from chatmon.monitor.shift import ShiftFigures
from chatmon.report.hours import clock_time, is_struck_twice, ticks, zone_name
from chatmon.report.report import LabelFigures, Report, WaitBand
from chatmon.report.watching import GapKind
from chatmon.ui import glyphs
from chatmon.ui.days import MONTHS, day_of, day_words
from chatmon.ui.shares import in_time, watched
from chatmon.ui.times import clock
from chatmon.ui.wording import UNNAMED

OTHER_LABELS: Final = "all other labels"
NO_LABEL: Final = "no label"
MINUTE: Final = 60.0

GAP_WORDS: Final = {GapKind.UNWATCHED: "nobody watched", GapKind.UNANSWERED: "no chat answered"}


class Times:
    """Writes times of a report in the time zone of the screens, None the machine's: with their day where there are several."""

    def __init__(self, report: Report, timezone: tzinfo | None) -> None:
        self.timezone = timezone
        self._since = report.since
        self._until = report.until
        self.has_days = day_of(report.since, timezone) != day_of(max(report.since, report.until - 1), timezone)

    def of(self, utc: float) -> str:
        """`14:05`, or `22 Nov 14:05`. The midnight at the end of a day is its 24:00."""
        if utc == self._until and self.has_days is False and self._is_midnight(utc):
            return "24:00"
        time = clock_time(utc, self.timezone)
        return f"{self.short_day(utc)} {time}" if self.has_days else time

    def span(self, since: float, until: float) -> str:
        """From when up to when; a zone that tells both ends apart from the same times of the other is named once."""
        same_day = day_of(since, self.timezone) == day_of(until, self.timezone)
        end = clock_time(until, self.timezone) if self.has_days and same_day else self.of(until)
        begin, zone = self.of(since), zone_name(until, self.timezone)
        if end.endswith(f" {zone}"):
            begin = begin.removesuffix(f" {zone}")
        return f"{begin}–{end}"

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """At most so many times to mark on an axis, and what to write there: at a midnight between two days the day, else the hour."""
        return [(utc, self._tick(utc)) for utc in ticks(self._since, self._until, self.timezone, most=most)]

    def _tick(self, utc: float) -> str:
        return self.short_day(utc) if self.has_days and self._is_midnight(utc) else clock_time(utc, self.timezone)

    def whole(self) -> str:
        """The whole time of the report, with its day or days and the time zone."""
        first, last = (day_of(utc, self.timezone) for utc in (self._since, max(self._since, self._until - 1)))
        begin, end = self._whole_times()
        if first == last:
            return f"{day_words(first)}, {begin}–{end}"
        begins = day_words(first).removesuffix(f" {first.year}") if first.year == last.year else day_words(first)
        return f"{begins}, {begin} – {day_words(last)}, {end}"

    def _whole_times(self) -> tuple[str, str]:
        """When it begins and ends, each zone named once: with the end it is that of both, or both are, or each end has its own.

        The last is so where the clocks strike one of the times twice.
        """
        is_midnight = self._is_midnight(self._until)
        ends = max(self._since, self._until - 1) if is_midnight else self._until
        zones = [zone_name(utc, self.timezone) for utc in (self._since, ends)]
        is_twice = is_struck_twice(self._since, self.timezone) or (not is_midnight and is_struck_twice(self._until, self.timezone))
        begin = clock_time(self._since, self.timezone).removesuffix(f" {zones[0]}")
        end = "24:00" if is_midnight else clock_time(self._until, self.timezone).removesuffix(f" {zones[1]}")
        if zones[0] != zones[1] and is_twice:
            return f"{begin} {zones[0]}", f"{end} {zones[1]}"
        return begin, f"{end} {'/'.join(dict.fromkeys(zones))}"

    def day(self, utc: float) -> str:
        """The day of an instant."""
        return day_words(day_of(utc, self.timezone))

    def short_day(self, utc: float) -> str:
        """The day of an instant in few letters, `22 Nov`."""
        day = day_of(utc, self.timezone)
        return f"{day.day} {MONTHS[day.month - 1][:3]}"

    def _is_midnight(self, utc: float) -> bool:
        return day_of(utc, self.timezone) - day_of(utc - 1, self.timezone) == timedelta(days=1)


def answered_words(figures: ShiftFigures) -> str:
    """How many were answered in time, of how many, and how much was watched: `84 % of 118 answered, watched 98 %`."""
    of = f"{in_time(figures)} of {figures.answered} answered" if figures.answered else "none answered"
    return ", ".join(part for part in (of, watched(figures)) if part)


def to_answer_words(figures: ShiftFigures) -> str:
    """How long answered chats had waited: `mean 00:42, 90 of 100 within 01:35`."""
    if figures.time_to_answer_mean is None:
        return glyphs.NOTHING
    exact = bool(figures.time_to_answer_exact)
    return f"mean {clock(figures.time_to_answer_mean, exact=exact)}, p90 {clock(figures.time_to_answer_p90, exact=exact)}"


def gaps_words(report: Report, times: Times, *, most: int) -> list[str]:
    """The gaps of each kind by their times; of more than so many the longest, and how long the others were."""
    longest = sorted(report.gaps, key=lambda gap: gap.since - gap.until)[:most]
    said = []
    for kind in GapKind:
        named = [times.span(gap.since, gap.until) for gap in report.gaps if gap.kind is kind and gap in longest]
        if named:
            said.append(f"{GAP_WORDS[kind]} {', '.join(named)}")
    others = [gap.until - gap.since for gap in report.gaps if gap not in longest]
    return [*said, f"{len(others)} more, {duration(sum(others))} together"] if others else said


def alarm_words(report: Report) -> str:
    """How often each rule raised an alarm: `waiting 12 (5 critical), unattended 3`; nothing where none was raised."""
    said = (f"{clean(one.rule)} {one.raised}" + (f" ({one.critical} critical)" if one.critical else "") for one in report.alarms)
    return ", ".join(said)


def person(nickname: str) -> str:
    """An agent as a line has them."""
    return clean(nickname) or UNNAMED


def label_words(one: LabelFigures) -> str:
    """What the chats of a label are called."""
    return OTHER_LABELS if one.label is None else clean(one.label) or NO_LABEL


def band_words(band: WaitBand) -> str:
    """A band of waits by its ends: `≤15 s`, `15–30 s`, `2–3 min`, `>10 min`."""
    ends = [end for end in (band.over, band.up_to) if end is not None]
    in_minutes = min(ends) >= 2 * MINUTE and all(end % MINUTE == 0 for end in ends)
    over, up_to = (None if end is None else f"{end / MINUTE if in_minutes else end:g}" for end in (band.over, band.up_to))
    said = f"{glyphs.AT_MOST}{up_to}" if over is None else f">{over}" if up_to is None else f"{over}–{up_to}"
    return f"{said} {'min' if in_minutes else 's'}"


def nothing_words(times: Times) -> str:
    """What is said where nothing was recorded."""
    return f"Nothing was recorded in this time: {times.whole()}."


def newest_words(report: Report) -> str:
    """What the waits are those of, where there are too many to remember; else nothing."""
    return f"the newest {report.times_remembered} answers" if report.figures.answered > report.times_remembered else ""


def definitions(report: Report) -> Iterator[tuple[str, str]]:
    """What the figures mean, each by its name."""
    level = f"{report.figures.service_level:g} s"
    yield (
        "Answered",
        (
            "Chats whose first change from WaitingForAgent to Chatting was seen. In time: after no more than "
            f"{level}; with {glyphs.AT_MOST} before it, not every wait was seen from beginning to end, and the true share is this or lower."
        ),
    )
    newest = newest_words(report)
    newest = f" Of {newest}." if newest else ""
    yield "To answer", f"How long these had waited: the mean, and what 90 of 100 did not exceed (p90). {glyphs.AT_LEAST}: at least.{newest}"
    yield "Abandoned", "Chats that were seen to end right from WaitingForAgent and never had an agent listed."
    yield "Handled", "Chats that ended after Chatting. Handling: mean time in Chatting of those that were seen from beginning to end."
    yield (
        "Agents",
        (
            "Told apart by nickname; a chat counts for everyone listed while it was Chatting. Talk time: for how long that was seen, all "
            "chats together. Overloaded: for how long the alarm of that name was up."
        ),
    )
    yield (
        "Watched",
        (
            "Of the time between each chat's first and last sight, the share in which polls saw it. What happened while nobody watched is "
            "in no figure."
        ),
    )
