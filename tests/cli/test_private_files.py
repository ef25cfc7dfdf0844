"""Whatever chatmon writes, its owner alone can read, also where the umask would let everybody."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatmon.private_files import make_folder, write_new
from tests.terminal.terminal import CHATMON, Terminal

from .emulator import Emulator, chat

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no such permissions there")

ADA = "40316223-6b4b-48d3-bc78-d3102119a477"
STUMBLES = """
import sys
import chatmon.cli.rounds
def stumble(*_, **__): raise KeyError
chatmon.cli.rounds.one_round = stumble
from chatmon.cli.main import main
main()
"""


@pytest.fixture
def umask_of_everybody() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in sorted(folder.rglob("*"))}


@pytest.mark.usefixtures("umask_of_everybody")
def test_every_file_is_for_its_owner_alone(tmp_path: Path, emulator: Emulator) -> None:
    emulator.chats[ADA] = chat("WaitingForAgent", (1, "Ada", "Customer"))
    places = {"XDG_STATE_HOME": str(tmp_path / "deep" / "state"), "XDG_CONFIG_HOME": str(tmp_path / "deep" / "config")}
    environment = {**os.environ, **places, "CHATMON_URL": emulator.url}

    def run(*arguments: str, code: str | None = None) -> int:
        command = [sys.executable, "-c", code] if code else [CHATMON]
        return subprocess.run([*command, *arguments], env=environment, capture_output=True, check=False).returncode

    assert run("config", "init") == 0
    assert run("poll", "--privacy", ADA) == 0
    assert run("poll", ADA, code=STUMBLES) == 70
    recording = (
        "poll",
        "--follow",
        "--for",
        "1",
        "--interval",
        "0.1",
        "--history",
        str(tmp_path / "elsewhere" / "deep" / "night.sqlite3"),
        ADA,
    )
    assert run(*recording) == 0
    night = ("--history", str(tmp_path / "elsewhere" / "deep" / "night.sqlite3"))
    assert run("export", *night, "--output", str(tmp_path / "night.jsonl")) == 0
    assert run("export", *night, "--output", str(tmp_path / "night.jsonl"), "--force") == 0
    with Terminal(CHATMON, "watch", ADA, environment={**places, "CHATMON_URL": emulator.url}) as terminal:
        terminal.expect("WaitingForAgent", "Ada")
        terminal.type("p")
        terminal.expect("¹")
        during = modes(tmp_path)
        terminal.type("q")
        assert terminal.ends() == 0

    found = {**during, **modes(tmp_path)}
    state = "deep/state/chatmon"
    assert {f"{state}/log/chatmon.log", f"{state}/pseudonyms.key", "deep/config/chatmon/config.toml"} <= found.keys()
    assert {f"{state}/history.sqlite3{end}" for end in ("", "-wal", "-shm", ".lock")} <= found.keys()
    assert {"crashes", "log", "elsewhere/deep/night.sqlite3", "night.jsonl"} <= {name.removeprefix(f"{state}/") for name in found}
    assert any(name.startswith(f"{state}/screen-") for name in found)
    assert any(name.startswith(f"{state}/crashes/crash-") for name in found)
    assert {name: oct(mode) for name, mode in found.items() if mode not in {0o600, 0o700}} == {}
    assert {name: oct(mode) for name, mode in modes(tmp_path).items() if (mode == 0o700) is not (tmp_path / name).is_dir()} == {}


@pytest.mark.usefixtures("umask_of_everybody")
def test_a_folder_that_is_there_stays_as_it_is_and_something_else_in_its_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(mode=0o755)
    make_folder(tmp_path / "there")
    make_folder(tmp_path / "there" / "one" / "two")
    assert modes(tmp_path) == {"there": 0o755, "there/one": 0o700, "there/one/two": 0o700}
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        make_folder(tmp_path / "file")
    with pytest.raises(NotADirectoryError):
        make_folder(tmp_path / "file" / "below")


@pytest.fixture(params=sorted({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}), ids=lambda number: errno.errorcode[number])
def no_links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system where a file has one name alone, as vfat and some of the network are."""

    def refuse(source: str, target: Path) -> None:
        raise OSError(request.param, os.strerror(request.param), source, None, str(target))

    monkeypatch.setattr(os, "link", refuse)


@pytest.mark.usefixtures("no_links", "umask_of_everybody")
def test_where_a_file_has_one_name_alone_a_new_one_is_written_all_the_same_and_never_over_another(tmp_path: Path) -> None:
    write_new(tmp_path / "new", b"all of it")
    assert (tmp_path / "new").read_bytes() == b"all of it"
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "new", b"another")
    (tmp_path / "elsewhere").symlink_to(tmp_path / "nothing")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "elsewhere", b"another")
    assert (tmp_path / "new").read_bytes() == b"all of it"
    (tmp_path / "elsewhere").unlink()
    assert modes(tmp_path) == {"new": 0o600}


@pytest.mark.usefixtures("no_links")
def test_where_it_cannot_be_moved_to_its_place_either_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(source), None, str(target))

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="Input/output error"):
        write_new(tmp_path / "new", b"all of it")
    assert list(tmp_path.iterdir()) == []


def test_what_else_goes_wrong_with_a_new_name_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: str, target: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), source, None, str(target))

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(OSError, match="No space left"):
        write_new(tmp_path / "new", b"all of it")
    assert list(tmp_path.iterdir()) == []
