"""What chatmon imports, `pyproject.toml` asks for."""

from __future__ import annotations

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def declared(*groups: list[str]) -> dict[str, Requirement]:
    """The requirements of these groups by their names."""
    return {canonicalize_name(requirement.name): requirement for group in groups for requirement in map(Requirement, group)}


RUN_TIME = declared(PROJECT["dependencies"], EXTRAS["metrics"], EXTRAS["serve"])


def imported(folder: str) -> set[str]:
    """The distributions of the packages that the modules of a folder import, itself and the standard library left out."""
    modules = set[str]()
    for file in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                modules |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
                modules.add(node.module)
    packages = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names - {"chatmon", "tests"}
    known = packages_distributions()
    return {canonicalize_name(known.get(package, [package])[0]) for package in packages}


def test_every_library_that_is_imported_is_declared() -> None:
    assert imported("chatmon") <= RUN_TIME.keys()
    assert imported("tests") <= RUN_TIME.keys() | declared(EXTRAS["dev"]).keys()


def test_every_library_on_which_chatmon_runs_is_declared_with_the_lowest_version_that_was_tried() -> None:
    needed = [requirement for requirement in RUN_TIME.values() if requirement.marker is None]
    assert [str(requirement) for requirement in needed if ">=" not in str(requirement.specifier)] == []


def test_libraries_whose_private_names_are_used_are_kept_below_the_next_minor_version() -> None:
    for name, allowed, refused in (("textual", "8.2.99", "8.3.0"), ("aiohttp", "3.14.99", "3.15.0"), ("textual-serve", "1.1.99", "1.2.0")):
        assert allowed in RUN_TIME[name].specifier
        assert refused not in RUN_TIME[name].specifier
