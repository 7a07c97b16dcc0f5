"""Benchmarks: how fast and how small, against a peer, in one run. `make bench`; figures in docs/performance.md."""
