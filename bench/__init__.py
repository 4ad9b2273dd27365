"""Side-by-side benchmarks of purezmq and its peers: one command, one ledger. See bench/README.md.

`python -m bench run` measures all sides by turns, prints the table and appends to the ledger;
`python -m bench report` says what changed between two runs beyond noise, and `python -m bench plot` draws one.
"""
