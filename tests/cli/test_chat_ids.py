"""Which chats to watch, from arguments, files and standard input."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatmon.cli.chat_ids import InvalidIds, read_chats, read_list
from chatmon.cli.ids_file import shown_name

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
    "the same id twice": (("", f"{ONE} sales\n\n{ONE} sales\n".encode()), ":3: "),
    "the same id as an argument": ((ONE, f"# \n{ONE}\n".encode()), ":2: the same id as argument 1"),
    "not UTF-8": (("", f"{TWO}\n{ONE} caf\xe9\n".encode("latin-1")), ":2: not UTF-8"),
    "null characters": (("", f"{ONE}\n{TWO} s\0a\0les\n".encode()), ":2: null characters"),
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


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_machine_and_hold_every_other_character(tmp_path: Path, end: str) -> None:
    file = tmp_path / "chats.ids"
    file.write_bytes(end.join([f"{ONE} a\u2028b\x0cc", "", f"\x0c{TWO} sales"]).encode())

    assert read_chats((), str(file)).listed == ((ONE, "a\u2028b\x0cc"), (TWO, "sales"))


def test_an_id_that_is_repeated_with_another_label_gets_that(tmp_path: Path) -> None:
    file = tmp_path / "chats.ids"
    file.write_text(f"{ONE} sales\n{TWO}\n{ONE} billing\n")

    assert read_chats((), str(file)).listed == ((ONE, "billing"), (TWO, ""))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_file_of_utf_16_is_named_as_such(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "chats.ids"
    file.write_bytes(f"\ufeff{ONE}\r\n".encode(encoding))

    with pytest.raises(InvalidIds, match="UTF-16 text; save it as UTF-8"):
        read_chats((), str(file), tolerant=True)


def test_more_chats_than_anyone_watches_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "chats.ids"
    with file.open("w") as opened:
        opened.writelines(f"{number}\n" for number in range(1_000_000))

    with pytest.raises(InvalidIds, match=r"chats.ids:100001: more than 100,000 chats"):
        read_chats((), str(file), tolerant=True)


def test_a_file_of_endlessly_many_lines_is_refused_whatever_they_hold(tmp_path: Path) -> None:
    file = tmp_path / "chats.ids"
    for line in ("\n", "#\r\n", "one\r"):
        file.write_text(line * 500_000 + "two\n", newline="")
        with pytest.raises(InvalidIds, match=r"chats.ids: more than 500,000 lines"):
            read_chats((), str(file), tolerant=True)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/full"])
def test_a_device_without_an_end_is_refused(path: str) -> None:
    with pytest.raises(InvalidIds, match="larger than 16 MiB"):
        read_chats((), path)


@pytest.mark.parametrize(
    ("path", "shown"),
    {
        "/no/such/chats.ids": "/no/such/chats.ids",
        "chats.txt": "chats.txt",
        f"/no/such/{ONE}": "a file in /no/such",
        f"/no/{ONE}/chats.ids": "chats.ids",
        f"{ONE}.ids": "",
        TWO: "",
        ".": "",
    }.items(),
)
def test_a_file_is_named_as_far_as_that_can_be_no_chat_id(path: str, shown: str) -> None:
    assert shown_name(path) == shown


def test_what_is_missing_is_named_with_what_asked_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidIds) as refused:
        read_chats((), "chats.ids", origin="CHATMON_IDS_FILE")

    assert str(refused.value).startswith("CHATMON_IDS_FILE: the file with the chat ids does not exist: chats.ids; ")


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(f"{ONE} sales\n",))
    writer.start()

    assert read_chats((), str(pipe)).listed == ((ONE, "sales"),)
    writer.join()


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
