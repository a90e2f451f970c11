"""The rules of release readiness: pure functions over values. No I/O, no clock, nothing third-party."""
