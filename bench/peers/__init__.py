"""The same cold pull by programs that others would pick: ``make bench-peers``. Each has an environment of its own."""
