"""The endurance run: chatmon over hours of faults, kills and restarts. `python -m tests.endurance`; the run is no part of the test suite.

Linux only: processes are read in /proc. What judges a run is pure, and has its tests beside it.
"""
