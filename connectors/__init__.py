"""Trackers: wire ↔ Item, Report. Connectors know items and reports, nothing of gates and verdicts, nor of one
another.
"""
