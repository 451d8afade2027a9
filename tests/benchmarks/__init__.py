"""Measurements, never part of the suite: `make bench`, and `make gpu` on a machine that has a GPU."""
