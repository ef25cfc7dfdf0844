"""The configuration file: where it is looked for, what it says, and for which deployment."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from chatmon.api.sanitise import clean
from chatmon.bounded_files import why_unreadable
from chatmon.config import readers
from chatmon.config.nearest import nearest
from chatmon.config.options import BY_NAME
from chatmon.config.origin import DEFAULT, InvalidSetting, Layer, Origin
from chatmon.config.references import is_reference
from chatmon.config.schema import ALARMS, DEFAULT_WAITING, PROFILE, TABLES, Table
from chatmon.config.toml_file import Keys, TomlFile, read_toml
from chatmon.paths import NoHomeFolder, config_folder, typed_path

FILE_NAME: Final = "config.toml"
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
NO_SECRET: Final = "contactcenterid"
"""The one header that may stand in a file for everybody to read."""

Given = Mapping[str, Any]
"""What the command line gave, by name: None, or an empty tuple or False, where it gave nothing."""
Environment = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of the file: as it is used, as it is written there, and where it stands. It may be a secret and is kept out of `repr`.

    `inner` is where the keys stand that a table has as a value.
    """

    value: Any = field(repr=False)
    written: Any = field(repr=False)
    origin: Origin
    inner: Mapping[str, Origin] = field(default_factory=dict)


Entries = Mapping[str, Entry]


class Configuration(msgspec.Struct, frozen=True):
    """What the file says for one deployment: `options` are those of the profile, `alarms` the profile's over those of all.

    `warning` is one line for the user, or empty. Without a file everything is empty.
    """

    path: Path | None = None
    profile: str | None = None
    profile_origin: Origin = DEFAULT
    profiles: tuple[str, ...] = ()
    options: Entries = {}
    alarms: Entries = {}
    ui: Entries = {}
    filters: Entries = {}
    keys: Entries = {}
    warning: str = ""


def find(name: str, given: Given, environment: Environment) -> tuple[str | None, Origin]:
    """What the command line or the environment says of an option. An empty environment variable counts as none."""
    option = BY_NAME[name]
    flag = given.get(name)
    if isinstance(flag, str):
        return flag, Origin(Layer.FLAG, option.flag)
    if option.environment is not None and (text := environment.get(option.environment)):
        return text, Origin(Layer.ENVIRONMENT, option.environment)
    return None, DEFAULT


def locate(given: Given, environment: Environment) -> tuple[Path, Origin]:
    """Where the configuration file is looked for; the origin is a default where that is the user's configuration folder.

    Raises `InvalidSetting` where none is named and there is no such folder.
    """
    named, origin = find("config", given, environment)
    if named is not None:
        return typed_path(named), origin
    try:
        return config_folder() / FILE_NAME, DEFAULT
    except NoHomeFolder as error:
        raise InvalidSetting(f"no configuration file: {error.strerror}, or name a file with --config FILE") from None


def load(given: Given, environment: Environment, *, for_profile: bool = True) -> Configuration:
    """The configuration that is meant; without `for_profile`, what holds for every deployment. Raises `InvalidSetting`."""
    wanted, wanted_by = find("profile", given, environment) if for_profile else (None, DEFAULT)
    try:
        path, origin = locate(given, environment)
    except InvalidSetting as error:
        if wanted is not None:
            raise InvalidSetting(f"{wanted_by}: {error}") from None
        return Configuration()
    try:
        file = read_toml(path)
    except (FileNotFoundError, NotADirectoryError):
        if origin is not DEFAULT:
            raise InvalidSetting(f"{origin}: {clean(str(path))} does not exist; chatmon config init writes one") from None
        if wanted is not None:
            raise InvalidSetting(f"{wanted_by}: there is no file {clean(str(path))}; chatmon config init writes one") from None
        return Configuration(path)
    except (OSError, ValueError) as error:
        if isinstance(error, InvalidSetting):
            raise
        advice = "a configuration file is meant, see chatmon config path" if origin is DEFAULT else f"{origin} needs a configuration file"
        raise InvalidSetting(f"{clean(str(path))} {why_unreadable(error)}; {advice}") from None
    return _configure(file, wanted, wanted_by, find("url", given, environment), for_profile=for_profile)


def _configure(
    file: TomlFile, wanted: str | None, wanted_by: Origin, url: tuple[str | None, Origin], *, for_profile: bool
) -> Configuration:
    """The whole file is checked, whichever profile is meant. `url` is the one that counts more than any profile's."""
    _only_known(file, (), {*TABLES, "profile", "profiles", "keys"})
    ui, filters = (_entries(file, (name,), TABLES[name]) for name in ("ui", "filters"))
    profiles = {name: _profile(file, name) for name in _tables(file, ("profiles",))}
    of_all = _alarms(file, ("alarms",))
    alarms = {name: _alarms(file, ("profiles", name, "alarms"), of_all) for name in profiles}
    keys = {name: _entry(file, ("keys", name), readers.text, is_path=False) for name in _dict(file, ("keys",))}
    if "profile" in file.table:
        chosen = _entry(file, ("profile",), readers.text, is_path=False)
        if chosen.value not in profiles:
            file.refuse(("profile",), f"no profile {readers.shown(chosen.value)}{_meant(chosen.value, profiles)}")
        # Whoever names another server does not mean the usual profile: its secrets are for its own.
        if wanted is None and for_profile and not _is_elsewhere(url[0], profiles[chosen.value]):
            wanted, wanted_by = chosen.value, chosen.origin
    if wanted is not None and wanted not in profiles:
        raise InvalidSetting(f"{wanted_by}: no such profile{_meant(wanted, profiles)}")  # what was typed may be a chat id gone astray
    if wanted is not None and _is_elsewhere(url[0], profiles[wanted]):
        raise InvalidSetting(
            f"{url[1]} names another server than {wanted_by} does: what is set for one is not for the other; give one of them"
        )
    return Configuration(
        path=file.path,
        profile=wanted,
        profile_origin=wanted_by,
        profiles=tuple(profiles),
        options={} if wanted is None else profiles[wanted],
        alarms=of_all if wanted is None else alarms[wanted],
        ui=ui,
        filters=filters,
        keys=keys,
        warning=_warning(file.path, profiles.values()),
    )


def _is_elsewhere(url: str | None, profile: Entries) -> bool:
    """Whether a URL names another server than the profile does."""
    own = profile.get("url")
    return url is not None and own is not None and _server(url) != _server(own.value)


def _server(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url.strip())
        return parts.scheme.lower(), parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme.lower())
    except ValueError:
        return "", None, None  # refused where it is used


def _profile(file: TomlFile, name: str) -> Entries:
    return _entries(file, ("profiles", name), PROFILE, beside=("alarms",))


def _entries(file: TomlFile, way: Keys, table: Table, beside: Iterable[str] = ()) -> Entries:
    """A table of the file, checked; `beside` are keys of it that are read elsewhere."""
    found = _dict(file, way)
    _only_known(file, way, {*table, *beside})
    return {name: _entry(file, (*way, name), table[name].read, is_path=table[name].is_path) for name in found if name in table}


def _alarms(file: TomlFile, way: Keys, under: Entries | None = None) -> Entries:
    """The alarms of a table over those `under` it. A level of waiting that the table leaves out is the one under it, or the default."""
    found, under = dict(_entries(file, way, ALARMS)), under or {}
    if waiting := found.get("waiting"):
        levels = {**(under["waiting"].value if "waiting" in under else DEFAULT_WAITING), **waiting.value}
        warn, critical = levels["warn"], levels["critical"]
        if warn is not None and critical is not None and critical < warn:
            what = f"warn = {warn:g} and critical = {critical:g} are in force; set both"
            file.refuse((*way, "waiting"), f"waiting is critical before it warns; {what}")
        written = {name: False if level is None else level for name, level in levels.items()}
        found["waiting"] = Entry(levels, written, waiting.origin)
    return {**under, **found}


def _entry(file: TomlFile, way: Keys, read: readers.Reader, *, is_path: bool) -> Entry:
    written = _value(file, way)
    try:
        value = read(written)
    except ValueError as error:
        inside = (error.key,) if isinstance(error, readers.Inside) else ()
        file.refuse((*way, *inside), f"{clean(way[-1])} {error}")
    if is_path:
        value = _placed(value, file.path.parent)
    inner = {key: _origin(file, way, file.line((*way, key))) for key in written} if isinstance(written, dict) else {}
    return Entry(value, written, _origin(file, way, file.line(way)), inner)


def _origin(file: TomlFile, way: Keys, line: int) -> Origin:
    where = f"profile {clean(way[1])}" if way[0] == "profiles" else f"[{clean(way[0])}]" if len(way) > 1 else FILE_NAME
    return Origin(Layer.FILE, f"{where}, line {line}", f"{clean(str(file.path))}:{line}: {clean(way[-1])}")


def _placed(value: Any, folder: Path) -> Any:
    """A path, or a command by its path, as seen from the folder of the file; a program by its name alone is looked for elsewhere."""
    match value:
        case str() if value != "-":
            return str(folder / typed_path(value))
        case (str() as program, *arguments) if {"/", os.sep} & {*program}:
            return (str((folder / typed_path(program)).absolute()), *arguments)
    return value


def _value(file: TomlFile, way: Keys) -> Any:
    value: Any = file.table
    for key in way:
        value = value.get(key, {})
    return value


def _dict(file: TomlFile, way: Keys) -> Mapping[str, Any]:
    value = _value(file, way)
    if not isinstance(value, dict):
        file.refuse(way, f"{clean(way[-1])} is a table, which begins with a line {_written(way)}; found {readers.kind(value)}")
    return value


def _tables(file: TomlFile, way: Keys) -> tuple[str, ...]:
    """The names of the tables within a table."""
    names = tuple(_dict(file, way))
    for name in names:
        _dict(file, (*way, name))
    return names


def _only_known(file: TomlFile, way: Keys, known: Iterable[str]) -> None:
    known = sorted(known)
    for name in _dict(file, way):
        if name not in known:
            table = _written(way) if way else "what stands before the first [table]"
            meant = nearest(name, known) or _belonging(name) or f"; there are {', '.join(known)}"
            file.refuse((*way, name), f"no key {readers.shown(name)} in {table}{meant}")


def _written(way: Keys) -> str:
    return f"[{'.'.join(map(clean, way))}]"


def _belonging(name: str) -> str:
    """In which table a key belongs that stands elsewhere."""
    places = {"profiles.NAME": PROFILE, **TABLES}
    return next((f"; it belongs below a line [{place}]" for place, table in places.items() if name in table), "")


def _meant(profile: str, profiles: Iterable[str]) -> str:
    known = list(map(clean, profiles))
    there = f"there are {', '.join(known)}" if known else "there is none; one begins with a line [profiles.NAME]"
    return nearest(profile, known) or f"; {there}"


def _warning(path: Path, profiles: Iterable[Entries]) -> str:
    secrets = list(_secrets(profiles))
    if os.name == "nt" or not secrets or not path.stat().st_mode & OTHERS:
        return ""
    more = f" and {len(secrets) - 1} more" if len(secrets) > 1 else ""
    advice = "chmod 600 it, or keep secrets as env:VARIABLE or file:PATH"
    return f"{clean(str(path))} holds a secret and others may read it: {secrets[0]}{more}; {advice}"


def _secrets(profiles: Iterable[Entries]) -> Iterator[str]:
    """What is a secret, by its name and its place."""
    for profile in profiles:
        if entry := profile.get("headers"):
            for name, value in entry.value:
                if not is_reference(value) and name.lower() != NO_SECRET:
                    yield f"the header {readers.shown_header(name)} of {entry.inner.get(name, entry.origin)}"
        if (entry := profile.get("proxy")) and "@" in entry.value:
            yield f"the proxy of {entry.origin}"
