"""A mistake in the configuration file is refused with file, line, what was found and what would do, and no secret is repeated."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.config import InvalidSetting
from chatmon.config.toml_file import read_toml

from .config_files import loaded, settings
from .test_usage import SECRET


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "chatmon.toml"


def refusal(file: Path, content: str | bytes, profile: str | None = None) -> str:
    """What is said of a file with this content."""
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InvalidSetting) as refused:
        loaded(file, profile)
    said = str(refused.value)
    assert said.isprintable()
    assert SECRET not in said
    assert "482913" not in said
    return said


MISTAKES = {
    "an unknown table": ("[alarm]\n", ':1: no key "alarm" in what stands before the first [table]; did you mean alarms?'),
    "an unknown key": ('[ui]\n\nthem = "dark"\n', ':3: no key "them" in [ui]; did you mean theme?'),
    "an unknown key far from any": ("[filters]\nf9 = 'x'\n", ':2: no key "f9" in [filters]; there are f1, f2, f3, f4'),
    "an unknown key of a profile": ("[profiles.prod]\nintervall = 2\n", ':2: no key "intervall" in [profiles.prod]; did you'),
    "an unknown key of a profile's alarms": (
        "[profiles.prod.alarms]\nwait = 2\n",
        ':2: no key "wait" in [profiles.prod.alarms]; did you',
    ),
    "a key with dots": ("[profiles.prod]\nalarms.wating = 3\n", ':2: no key "wating" in [profiles.prod.alarms]; did you'),
    "a quoted key": ('[profiles."my \\u0041 one"]\n\n"ur l" = 3\n', ':3: no key "ur l" in [profiles.my A one]; did you mean url?'),
    "a key in the wrong place": ('url = "http://x"\n', "; it belongs below a line [profiles.NAME]"),
    "a key of another table": ("[ui]\nwaiting = 3\n", "; it belongs below a line [alarms]"),
    "a profile that is none": ("[profiles]\nprod = 3\n", ":2: prod is a table, which begins with a line [profiles.prod]; found 3"),
    "a table that is a list": ("[[ui]]\ntheme = 1\n", ":1: ui is a table, which begins with a line [ui]; found a list"),
    "a chosen profile that is missing": ('\nprofile = "prd"\n[profiles.prod]\n', ':2: no profile "prd"; did you mean prod?'),
    "a chosen profile among none": ('profile = "prod"\n', ':1: no profile "prod"; there is none; one begins with a line [profiles.NAME]'),
    "a number out of bounds": ("[profiles.p]\ninterval = 0\n", ":2: interval needs a number from 0.05 to 86400; found 0"),
    "a number that is not whole": ("[profiles.p]\nidle_every = 2.5\n", ":2: idle_every needs a whole number from 1 to 100; found 2.5"),
    "a number that is none": ("[profiles.p]\ninterval = nan\n", ":2: interval needs a number from 0.05 to 86400; found a number"),
    "a huge number": (f"[profiles.p]\ninterval = {10**400}\n", ":2: interval needs a number from 0.05 to 86400; found a number"),
    "a number in quotes": (f'[profiles.p]\ntimeout = "{SECRET}"\n', ":2: timeout needs a number from 0.05 to 600; found a text"),
    "a broken whole number": ("[profiles.p]\nmax_concurrency = 1.5\n", ":2: max_concurrency needs a whole number"),
    "a switch that is a number": ("[profiles.p]\ninsecure = 1\n", ":2: insecure needs true or false; found 1"),
    "a text that is a date": ("[profiles.p]\nurl = 2026-11-22\n", ":2: url needs a text in quotes; found a date or time"),
    "a text that is empty": ('[profiles.p]\nids_file = " "\n', ":2: ids_file needs a text in quotes; found an empty text"),
    "headers that are a text": (f'[profiles.p]\nheaders = "apikey: {SECRET}"\n', '["Name: value"]; found a text'),
    "a header that is a number": ("[profiles.p.headers]\nX-A = 'a'\nX-B = 4\n", ':3: headers needs { Name = "value" }'),
    "a secret that is a number": ("[profiles.p]\nheaders = { apikey = 482913 }\n", 'the value of "apikey" is a number'),
    "a secret that is a switch": ("[profiles.p]\nheaders = { apikey = true }\n", 'the value of "apikey" is true'),
    "headers that are a number": ("[profiles.p]\nheaders = 482913\n", '["Name: value"]; found a number'),
    "a header without a colon": (f'[profiles.p]\nheaders = [\n "A: b",\n "{SECRET}",\n]\n', ":2: headers needs"),
    "a rule out of bounds": ("[alarms]\nunseen = 0\n", ":2: unseen needs a number from 1 to 604800, or false for off; found 0"),
    "a rule that is true": ("[alarms]\nidle = true\n", ":2: idle needs a number from 1 to 604800, or false for off; found true"),
    "an unknown severity": ("[alarms]\nwaiting = { warm = 3 }\n", ':2: waiting has warn and critical; found "warm"; did you mean warn?'),
    "a severity out of bounds": ("[alarms]\nwaiting = { warn = -3 }\n", ":2: waiting warn needs a number from 1 to 604800"),
    "critical before it warns": (
        "[alarms]\nwaiting = { warn = 9, critical = 8 }\n",
        ":2: waiting is critical before it warns; warn = 9 and critical = 8",
    ),
    "critical before it warns by default": (
        "[alarms]\nwaiting = { warn = 200 }\n",
        ":2: waiting is critical before it warns; warn = 200 and critical = 180 are in force; set both",
    ),
    "critical before it warns with the alarms of all": (
        "[alarms]\nwaiting = 90\n[profiles.x.alarms]\n\nwaiting.critical = 70\n",
        ":5: waiting is critical before it warns; warn = 90 and critical = 70",
    ),
    "a command that is a text": ('[alarms]\non_alarm = "page me"\n', "or false for off; found a text"),
    "an unknown theme": ('[ui]\ntheme = "drak"\n', '; found "drak"; did you mean dark?'),
    "an unknown time zone": ('[ui]\ntimezone = "Europe/Berln"\n', 'found "Europe/Berln"; did you mean Europe/Berlin?'),
    "a time zone that is a folder": ('[ui]\ntimezone = "Europe"\n', ':2: timezone needs "local"'),
    "a time zone with a way out": ('[ui]\ntimezone = "../../etc/passwd"\n', ':2: timezone needs "local"'),
    "an unknown notification": ("[ui]\nnotify = true\n", ":2: notify is one of off, osc9, osc777; found true"),
    "an unknown column": ('[ui]\ncolumns = ["state",\n  "custmer"]\n', '; found "custmer"; did you mean customer?'),
    "a column twice": ('[ui]\ncolumns = ["state", "state"]\n', ":2: columns names state twice; name each once"),
    "an unknown order": ('[ui]\nsort = ["for"]\n', "; found a list"),
    "a filter that is none": ("[filters]\nf1 = 'agnt:x'\n", ":2: f1 is no filter: "),
    "keys that are a number": ("[keys]\nquit = 3\n", ":2: quit needs a text in quotes; found 3"),
    "control characters": ('[ui]\ntheme = "\\u001b[31m"\n', "theme is one of"),
    "no TOML": ("[ui]\ntheme = dark\n", ":2: no TOML: invalid value, at column 9; "),
    "a bracket left open": ("[ui]\ncolumns = [\n\n", ":3: no TOML: "),
    "a key twice": (f'[profiles.p]\nurl = "{SECRET}"\nurl = "x"\n', ":3: no TOML: "),
    "brackets without end": ("[ui]\ncolumns = " + "[" * 100_000, ": no TOML: keys or brackets within one another"),
    "a key without end": ("[ui]\n" + "a." * 1_500 + "b = 1\n", ": no TOML: keys or brackets within one another"),
    "a number without end": (f"[profiles.p]\ninterval = {'9' * 5_000}\n", ":2: no TOML: "),
    "no UTF-8": (b"[ui]\n# \xff\n", ":2: not UTF-8 text; "),
    "a huge file": (b"#" * 300_000, ": larger than 256 KiB"),
}


@pytest.mark.parametrize(("content", "says"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_refused_with_file_line_and_what_would_do(file: Path, content: str | bytes, says: str) -> None:
    said = refusal(file, content)

    assert said.startswith(f"{file}:")
    assert says in said


LATER_MISTAKES = {
    "a URL": (f'url = "ftp://{SECRET}"', "url: the URL must begin with"),
    "a proxy": (f'url = "http://x"\nproxy = "socks://{SECRET}"', "proxy: the proxy's URL must look like"),
    "a header from an unset variable": ('url = "http://x"\nheaders = { apikey = "env:NOT_SET" }', "headers: the environment variable"),
    "a header from a missing file": (f'url = "http://x"\nheaders = {{ apikey = "file:{SECRET}" }}', "headers: the file for"),
    "a bad header": (f'url = "http://x"\nheaders = {{ "a b" = "{SECRET}" }}', "headers: "),
    "a header twice": ('url = "http://x"\ncontact_center_id = "1"\nheaders = { contactcenterid = "2" }', "contact_center_id: the header"),
    "a bundle that is missing": ('url = "https://x"\nca_bundle = "no.pem"', "ca_bundle: "),
    "a certificate that is missing": ('url = "https://x"\nclient_cert = "no.pem"', "client_cert: "),
}


@pytest.mark.parametrize(("lines", "says"), LATER_MISTAKES.values(), ids=LATER_MISTAKES.keys())
def test_a_value_that_cannot_be_used_is_blamed_on_its_line(file: Path, lines: str, says: str) -> None:
    file.write_text(f"[profiles.x]\n{lines}\n")
    line = 2 + next(number for number, text in enumerate(lines.splitlines()) if text.startswith(says.partition(":")[0]))

    with pytest.raises(InvalidSetting) as refused:
        settings(file, profile="x")

    assert str(refused.value).startswith(f"{file}:{line}: {says}")
    assert SECRET not in str(refused.value)


SHAPES = {
    "tables and dots": (
        'a = 1\n\n[b.c]\nd.e = 2\n"f g" = 3\n',
        {("a",): 1, ("b",): 3, ("b", "c"): 3, ("b", "c", "d"): 4, ("b", "c", "d", "e"): 4, ("b", "c", "f g"): 5},
    ),
    "inline tables": ("\nx = { y = 1, z.w = 2 }", {("x",): 2, ("x", "y"): 2, ("x", "z"): 2, ("x", "z", "w"): 2}),
    "lists of several lines": ("a = [\n 1, # [b]\n 2,\n]\nb = 2\n", {("a",): 1, ("b",): 5}),
    "texts of several lines": ('a = """\n[b]\nc = 3\n"""\nd = 1', {("a",): 1, ("d",): 5}),
    "comments": ("# [a]\n#b = 1\n  [ c ] # d\n  e = 1\n", {("c",): 3, ("c", "e"): 4}),
    "a table on lines of its own": ("[a.b]\n\nc = 1\n[a]\nd = 1\n", {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 3, ("a", "d"): 5}),
    "lists of tables": ("[[a]]\nb = 1\n[[a]]\nb = 2\n", {("a",): 1, ("a", "b"): 2}),
    "texts that hold what ends texts, lists and lines": (
        'a = ["]", "\\"[", {x = "}"}]\n' + "b = '''\n[\"\"\" ''''\n" + '"#" = """ \\""" [""\n"""""\n' + "c = 1 # ['\nd = '\"['\ne = 1\n",
        {("a",): 1, ("b",): 2, ("#",): 4, ("c",): 6, ("d",): 7, ("e",): 8},
    ),
    "carriage returns": ("a = 1\r\n[b]\r\nc = 1\r\n", {("a",): 1, ("b",): 2, ("b", "c"): 3}),
}


@pytest.mark.parametrize(("content", "lines"), SHAPES.values(), ids=SHAPES.keys())
def test_every_key_knows_its_line_however_it_is_written(file: Path, content: str, lines: dict[tuple[str, ...], int]) -> None:
    file.write_bytes(content.encode())

    assert read_toml(file).lines == lines


@pytest.mark.parametrize("value", ["[\n" + "1, # one\n" * 5_000 + "]", '"""\n' + "\n" * 5_000 + '"""'], ids=["list", "text"])
def test_each_line_is_read_twice_however_long_a_value_is(file: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    read: list[str] = []
    loads = tomllib.loads
    monkeypatch.setattr(tomllib, "loads", lambda text: (read.append(text), loads(text))[1])
    content = f"a = {value}\nb = 1\n"
    file.write_text(content)

    assert read_toml(file).lines == {("a",): 1, ("b",): 5_003}
    assert sum(map(len, read)) == 2 * len(content)


@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_whatever_the_file_holds_is_understood_or_refused_with_its_name(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(content)
    try:
        loaded(file)
        said = str(file)
    except InvalidSetting as error:
        said = str(error)

    assert said.startswith(str(file))
    assert said.isprintable()
