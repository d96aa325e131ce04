"""Measurements: `python -m bench` runs them and prints a table. They report; they never pass or fail on a time.

A bench is a module here with a `BENCH` of type `bench.harness.Bench`; putting the file here is all it takes.
"""
