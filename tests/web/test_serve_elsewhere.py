"""`chatmon serve` in a folder that holds modules of other people: none of them is run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from .page import Page
from .serving import PATIENCE, Serving

pytest.importorskip("resource")
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at the processes where Linux tells of them")

LATE = ("secrets", "json", "textual/__init__", "aiodns", "brotli")
"""Modules that are imported once chatmon runs: of the standard library, of what chatmon needs, and of what its libraries would use."""
EARLY = ("__future__", "pathlib", "collections/__init__", "asyncio/__init__", "typing", "chatmon/__init__", "chatmon/__main__")
"""Modules that Python may import before chatmon has a say."""
CONSOLE_SCRIPT = (str(Path(sys.executable).parent / "chatmon"),)
BY_CHECKOUT = (sys.executable, "-P", "-c", "import sys; sys.path.append(sys.argv.pop(1)); from chatmon.__main__ import main; main()")
ROOT = str(Path(__file__).parents[2])


def write_modules(folder: Path, names: Sequence[str]) -> None:
    """Modules that leave a mark when they are run."""
    for name in names:
        module = folder / f"{name}.py"
        module.parent.mkdir(exist_ok=True)
        module.write_text(f"open({str(folder / 'mark')!r}, 'a').write('{name}\\n')\nraise ImportError('of somebody else')\n")


def marks(folder: Path) -> str:
    mark = folder / "mark"
    return mark.read_text() if mark.exists() else ""


@pytest.mark.parametrize(
    ("program", "environment", "modules"),
    [
        (CONSOLE_SCRIPT, {}, (*LATE, *EARLY)),
        ((sys.executable, "-P", "-m", "chatmon"), {}, (*LATE, *EARLY)),
        ((*BY_CHECKOUT, ROOT), {}, (*LATE, *EARLY)),
        (CONSOLE_SCRIPT, {"PYTHONPATH": os.pathsep + "/no/such/folder"}, LATE),
        ((sys.executable, "-m", "chatmon"), {}, LATE),
    ],
    ids=["the console script", "a safe path", "a checkout", "an empty entry of PYTHONPATH", "the module"],
)
async def test_a_page_runs_no_module_of_the_working_folder(
    tmp_path: Path, program: Sequence[str], environment: dict[str, str], modules: Sequence[str]
) -> None:
    write_modules(tmp_path, modules)
    with Serving("--demo", program=program, folder=tmp_path, environment=environment) as serving:
        async with Page(serving.address) as page:
            await page.expect("live", "demo")
            await page.type("q")
            assert await page.ends() == "chatmon was ended"
        assert serving.signal(signal.SIGTERM) == 0
    assert marks(tmp_path) == ""


@pytest.mark.parametrize("command", ["demo", "simulate", "poll", "config show"])
def test_no_command_runs_a_module_of_the_working_folder(tmp_path: Path, command: str) -> None:
    write_modules(tmp_path, LATE)
    line = [sys.executable, "-m", "chatmon", *command.split(), *(["--port", "99999"] if command == "simulate" else [])]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode in {0, 2}, marks(tmp_path)) == (True, ""), done.stderr
