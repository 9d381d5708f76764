"""Benchmarks: each prints CPU seconds or milliseconds and a ratio against a peer or a floor of the same run."""
