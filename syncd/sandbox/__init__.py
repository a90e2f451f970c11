"""Jira and Linear on loopback, at the wire, for the demo and for tests. Nothing else of syncd may rest on it."""
