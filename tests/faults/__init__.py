"""Faults on purpose: killed processes, full disks, databases and mail servers that go away.

Each test starts Amparo as an administrator does, in processes of its own with a database of its own, and looks from
outside at what is left. `make test` runs a small number of repetitions, `make bench ARGS=faults` all of them. The seed
of every run is printed; `AMPARO_TEST_SEED=…` repeats it.
"""
