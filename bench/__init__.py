"""Benchmarks: ``make bench``. They measure; nothing passes or fails by the clock."""
