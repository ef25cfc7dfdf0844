"""The benchmark: what chatmon costs, each figure beside its peer in the same run. `python -m tests.bench`; not part of the test suite.

Linux only: processes are pinned to cores, and read in /proc. The measured process has the first core, everything else the last.
"""
