"""How the process begins: the installed command and `python -m chatmon` are the same, and Ctrl-C counts from the first moment."""

from __future__ import annotations

import subprocess
import sys

import pytest

INTERRUPTED_IMPORT = """
import signal, sys

class Interruption:
    def find_spec(self, name, path=None, target=None):
        if name == "chatmon.cli.main":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Interruption())
"""
DOORS = {
    "the command": "from importlib.metadata import entry_points as doors; doors(group='console_scripts')['chatmon'].load()()",
    "the module": "import runpy; runpy.run_module('chatmon', run_name='__main__', alter_sys=True)",
}


def enter(door: str, *, before: str = "") -> subprocess.CompletedProcess[str]:
    script = f"{before}\n{door}"
    return subprocess.run([sys.executable, "-c", script, "--version"], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS.keys())
def test_an_interruption_while_it_is_still_importing_is_exit_code_130(door: str) -> None:
    ended = enter(door, before=INTERRUPTED_IMPORT)

    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS.keys())
def test_both_ways_in_run_the_command_line(door: str) -> None:
    assert enter(door).stdout.startswith("chatmon ")


def test_the_door_itself_is_light() -> None:
    report = "import chatmon.__main__, sys; print([name for name in sys.modules if name == 'click' or name.startswith('chatmon.')])"
    assert enter(report).stdout == "['chatmon.__main__']\n"
