"""A configuration file of whatever size and depth is refused, or read, in little memory: with its line, before it is parsed."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatmon.config import InvalidSetting
from chatmon.config.toml_file import MAX_BYTES, MAX_DEPTH, MAX_PARTS, read_toml

PARTS = 20_000
MEMORY = 64 * 1024 * 1024
"""Bytes; a file of 40 KB with so many parts needed 1.6 GB."""

ENDLESS = {
    "a key": ("\n" + "a." * PARTS + "b = 1\n", 2),
    "a key with white space": ("a . " * PARTS + "b = 1\n", 1),
    "a key in quotes": ("\n\n" + '"a".' * PARTS + "b = 1\n", 3),
    "a key in single quotes": ("'a'." * PARTS + "b = 1\n", 1),
    "a table": ("[" + "a." * PARTS + "b]\n", 1),
    "a list of tables": ("[[" + "a." * PARTS + "b]]\n", 1),
    "a key of an inline table": ("x = { y = 1, " + "a." * PARTS + "b = 1 }\n", 1),
    "a key in a list": ("x = [\n{" + "a." * PARTS + "b = 1 }]\n", 2),
    "a key after a text with dots": ('x = """\na.b.c\n"""\n' + "a." * PARTS + "b = 1\n", 4),
    "lists": ("x = " + "[" * PARTS, 1),
    "lists over lines": ("x = [\n" + "[\n" * PARTS, MAX_DEPTH + 1),
    "inline tables": ("x = " + "{a=" * PARTS, 1),
    "a whole number": ("\nx = " + "9" * 5_000 + "\n", 2),
    "a hexadecimal number": ("x = 0x" + "f" * 200_000 + "\n", 1),
    "a fraction": ("x = 1." + "0" * 200_000 + "\n", 1),
    "a bare key": ("k" * 200_000 + " = 1\n", 1),
}
BROKEN = {
    "quotes that are escaped": 'x = "' + '\\"' * 120_000,
    "a text over lines": 'x = """' + "a\n" * 100_000,
    "a text over lines in single quotes": "x = '''" + "''\n" * 60_000,
    "quotes": '"' * 250_000,
    "single quotes": "'" * 250_000,
    "backslashes": "\\" * 250_000,
    "closing brackets": "]" * 250_000,
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "c.toml"


def refusal(file: Path, content: str) -> str:
    file.write_text(content, newline="")
    tracemalloc.start()
    try:
        with pytest.raises(InvalidSetting) as refused:
            read_toml(file)
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()
    return str(refused.value)


@pytest.mark.parametrize(("content", "line"), ENDLESS.values(), ids=ENDLESS.keys())
def test_what_has_no_end_is_refused_with_its_line_before_it_is_parsed(
    file: Path, content: str, line: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("tomllib.loads")
    said = refusal(file, content)
    assert said.startswith(f"{file}:{line}: no TOML: ")
    assert "without end" in said
    assert len(said) < 300


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_texts_that_do_not_end_are_refused_in_little_memory(file: Path, content: str) -> None:
    assert len(content) < MAX_BYTES
    assert ": no TOML: " in refusal(file, content)


@pytest.mark.parametrize(
    "content",
    [
        ".".join(["a"] * MAX_PARTS) + " = 1\n",
        "x = " + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "\n",
        "x = [" + "1.5, " * 10_000 + "]\n",
        f"x = \"{'a.' * 1_000}\"\ny = '{'[' * 1_000}'\n",
        f'x = """\n{"a." * 1_000}{"[" * 1_000}"""\n',
        f"# {'a.' * 1_000}{'[' * 1_000}\nx = 1\n",
        "a.b = 1\n" * 1 + "".join(f"a.c{number} = 1.5\n" for number in range(1_000)),
    ],
)
def test_what_has_an_end_is_read(file: Path, content: str) -> None:
    file.write_text(content)
    assert read_toml(file).table


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_byte_order_mark_and_ends_of_lines_make_no_difference(file: Path, start: str, end: str) -> None:
    file.write_text(f"{start}[ui]{end}ascii = true{end}", newline="")
    read = read_toml(file)
    assert (read.table, read.line(("ui", "ascii"))) == ({"ui": {"ascii": True}}, 2)


@given(st.text(alphabet="a1.=[]{}\"'\\#,-\n \r\x00é", max_size=60))
@example("[[a]]\n[a]\n")
@example('x = "\\\n"')
def test_any_text_is_a_file_or_refused(tmp_path_factory: pytest.TempPathFactory, content: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_text(content, encoding="utf-8", newline="")
    refusal = ""
    try:
        read_toml(file)
    except InvalidSetting as error:
        refusal = str(error)
    assert not refusal or refusal.startswith(f"{file}:")
