"""A stateful Jira, Cloud or Data Center, for the demo, for trying a configuration and for tests."""

from syncd.sandbox.jira.app import JiraSandbox
from syncd.sandbox.jira.world import JiraWorld

__all__ = ["JiraSandbox", "JiraWorld"]
