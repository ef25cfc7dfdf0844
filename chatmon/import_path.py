"""Where Python looks for modules: never in the working folder, which may hold a `json.py` of anybody's.

It imports nothing that Python itself has not imported before: that could be found in the working folder.
"""

import os
import sys

OWN_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - see above
"""The folder that the package lies in: looked at last where it is on no path, as in a checkout."""
VARIABLE = "PYTHONPATH"


def leave_out_working_folder() -> None:
    """Import nothing from the working folder from now on; `python -m` and an empty entry of PYTHONPATH put it first."""
    elsewhere = _elsewhere(sys.path)
    sys.path[:] = elsewhere if OWN_FOLDER in elsewhere else [*elsewhere, OWN_FOLDER]


def search_path_of_child() -> dict[str, str]:
    """The variable that a Python started from here needs so as not to look in the working folder; none where it is not set."""
    written = os.environ.get(VARIABLE)
    return {VARIABLE: os.pathsep.join(_elsewhere(written.split(os.pathsep)))} if written else {}


def _elsewhere(folders: list[str]) -> list[str]:
    try:
        here = os.path.realpath(os.getcwd())  # noqa: PTH109
    except OSError:  # it is deleted
        return [folder for folder in folders if os.path.isabs(folder)]  # noqa: PTH117
    return [folder for folder in folders if folder and os.path.realpath(folder) != here]
