"""Benchmarks: the figures that the documentation tells, as ratios measured in one run on this machine."""
