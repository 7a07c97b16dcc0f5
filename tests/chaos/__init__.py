"""Delivery under fire: real processes on a real database against servers that fail at random, and `kill -9`.

`make chaos` (`python -m tests.chaos`) runs it in full and prints its counts; `test_chaos.py` is a short run of it.
"""
