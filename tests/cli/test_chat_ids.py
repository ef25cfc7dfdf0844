"""Which chats to watch, from arguments, files and standard input."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatmon.cli.chat_ids import InvalidIds, read_chats, read_list

ONE, TWO = "652492d9-c2d9-44c9-b9ad-0ab7984114bb", "0000Na9B26EF002X"


@contextmanager
def nobody() -> Iterator[None]:
    """Root may read every file: where the tests are run by root, they are the user nobody meanwhile."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def test_a_file_holds_ids_labels_comments_and_blank_lines(tmp_path: Path) -> None:
    file = tmp_path / "chats.ids"
    file.write_bytes(f"\ufeff# this shift\r\n\r\n{ONE}\tbilling, urgent\r\n   # none\r\n  {TWO}  # no label\r\n".encode())

    assert read_chats((), str(file)).listed == ((ONE, "billing, urgent"), (TWO, ""))


def test_arguments_come_first_and_standard_input_is_read_where_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments, ids_file in (((TWO,), "-"), ((TWO, "-"), None), ((TWO, "-"), "-")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{ONE} sales".encode())))
        assert read_chats(arguments, ids_file) == (((TWO, ""), (ONE, "sales")), ())


def test_standard_input_that_is_closed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    for arguments, ids_file in (((), "-"), (("-",), None)):
        with pytest.raises(InvalidIds, match="standard input is closed"):
            read_chats(arguments, ids_file)


BAD = {
    "an id that cannot be one": (("", f"{ONE}\n{'x' * 300}\n".encode()), ":2: "),
    "the same id twice": (("", f"{ONE}\n\n{ONE} again\n".encode()), ":3: "),
    "the same id as an argument": ((ONE, f"# \n{ONE}\n".encode()), ":2: the same id as argument 1"),
    "not UTF-8": (("", f"{TWO}\n{ONE} caf\xe9\n".encode("latin-1")), ":2: not UTF-8"),
    "control characters": (("", f"{ONE}\x1b[31m\n".encode()), ":1: "),
}


@pytest.mark.parametrize(("given", "says"), BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_named_by_its_place_alone(tmp_path: Path, given: tuple[str, bytes], says: str) -> None:
    argument, content = given
    file = tmp_path / "chats.ids"
    file.write_bytes(content)

    with pytest.raises(InvalidIds) as refused:
        read_chats([argument] if argument else [], str(file))

    assert says in str(refused.value)
    assert ONE not in str(refused.value)
    assert str(refused.value).isprintable()


@pytest.mark.skipif(os.name == "nt", reason="no such permissions there")
def test_a_file_that_may_not_be_read_is_refused() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        file = Path(folder, "chats.ids")
        file.write_text(ONE)
        file.chmod(0o644)
        with nobody():
            assert read_chats((), str(file)).listed == ((ONE, ""),)
        file.chmod(0)
        with nobody(), pytest.raises(InvalidIds, match="permissions"):
            read_chats((), str(file))


def test_a_line_that_is_just_being_written_can_be_left_out(tmp_path: Path) -> None:
    file = tmp_path / "chats.ids"
    file.write_text(f"{TWO}\n{ONE[:10]}")

    assert read_list(str(file), (), whole_lines_only=True).chats == ((TWO, ""),)


def test_standard_input_can_be_read_beside_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{ONE} sales".encode())))
    (tmp_path / "chats.ids").write_text(f"{TWO} billing\n")

    assert read_chats(("-",), str(tmp_path / "chats.ids")) == (((ONE, "sales"),), ((TWO, "billing"),))


@pytest.mark.parametrize(("given", "says"), BAD.values(), ids=BAD.keys())
def test_a_bad_line_can_be_left_out_while_the_good_ones_count(tmp_path: Path, given: tuple[str, bytes], says: str) -> None:
    argument, content = given
    file = tmp_path / "chats.ids"
    file.write_bytes(content + b"\ngood fine\n")

    chats = read_chats([argument] if argument else [], str(file), tolerant=True)
    problems = read_list(str(file), chats.named).problems

    assert ("good", "fine") in chats.listed
    assert [says in problem.what for problem in problems] == [True] if "argument 1" not in says else problems


def test_bad_arguments_are_refused_however_tolerantly_the_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "chats.ids").write_text("good\n")

    with pytest.raises(InvalidIds, match="argument 2"):
        read_chats((TWO, "x" * 300), str(tmp_path / "chats.ids"), tolerant=True)
