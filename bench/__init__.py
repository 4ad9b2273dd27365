"""Side-by-side benchmarks of purezmq and PyZMQ: one command, one ledger. See bench/README.md.

`python -m bench run` measures both sides alternately, prints the table and appends to the ledger;
`python -m bench report` says what changed between two runs beyond noise, and draws the figures.
"""
