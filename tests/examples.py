"""How many examples Hypothesis tries: few and always the same ones every day, many random ones when it is told to fuzz."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings

EVERYDAY_PROFILE = "everyday"
EVERYDAY = 50
FUZZ = 500

settings.register_profile(EVERYDAY_PROFILE, max_examples=EVERYDAY, derandomize=True, deadline=None, database=None)
settings.register_profile(
    "fuzz", max_examples=FUZZ, derandomize=False, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)


def examples(number: int, **more: Any) -> settings:
    """So many examples every day, and more in the same proportion when it fuzzes; the rest is as `settings` has it."""
    return settings(max_examples=max(1, number * settings().max_examples // EVERYDAY), **more)
