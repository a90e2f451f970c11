"""Jira, Cloud and Data Center: what the entry point of the group ``syncd.connectors`` names."""

from connectors.base import Connector
from connectors.jira.hooks import FRESH_S, hint
from connectors.jira.read import JiraSource
from connectors.jira.select import SELECTOR_KEYS
from connectors.jira.write import JiraSummary

__all__ = ["connector"]

connector = Connector(
    kind="jira",
    selector_keys=SELECTOR_KEYS,
    default_url=None,
    open_source=JiraSource,
    open_summary=JiraSummary,
    hint=hint,
    hint_fresh_s=FRESH_S,
    delivers_late=True,
    settles_s=60.0,
)
