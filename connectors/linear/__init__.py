"""The Linear connector: GraphQL over gql. Its parts: read (the source), write (the summary), and pure ones beside them.

Made by the registry through its entry point; nothing else imports its parts.
"""

from __future__ import annotations

from connectors.base import Connector
from connectors.linear.hooks import hint
from connectors.linear.read import open_source
from connectors.linear.select import SELECTOR_KEYS
from connectors.linear.write import open_summary

connector = Connector(
    kind="linear",
    selector_keys=SELECTOR_KEYS,
    default_url="https://api.linear.app/graphql",
    open_source=open_source,
    open_summary=open_summary,
    hint=hint,
)
