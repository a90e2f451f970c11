"""The commands behind ``syncd.cli``: each does its work over the composition root and returns an exit code."""
