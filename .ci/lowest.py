"""Prints requirements for pip: the lowest versions that pyproject.toml allows, and what the tests need beside them."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def needed(lines: Iterable[str]) -> list[Requirement]:
    """The requirements that count on this machine."""
    requirements = [Requirement(line) for line in lines]
    return [requirement for requirement in requirements if requirement.marker is None or requirement.marker.evaluate()]


def pinned(requirement: Requirement) -> str:
    """The requirement at its lower bound. Exits where it has none: what nobody tried is not promised."""
    for specifier in requirement.specifier:
        if specifier.operator == ">=":
            return f"{requirement.name}=={specifier.version}"
    sys.exit(f"pyproject.toml: {requirement} has no lower bound; give it the lowest version that passes the tests")


def lines() -> Iterator[str]:
    """One requirement a line."""
    lowest = needed([*PROJECT["dependencies"], *EXTRAS["metrics"], *EXTRAS["serve"]])
    yield from map(pinned, lowest)
    names = {PROJECT["name"], *(requirement.name for requirement in lowest)}
    yield from (str(requirement) for requirement in needed(EXTRAS["dev"]) if requirement.name not in names)


if __name__ == "__main__":
    print("\n".join(lines()))
