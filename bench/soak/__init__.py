"""The soak: ``syncd run`` under fire for a while, and then whether each promise was kept. See docs/reliability.md."""
