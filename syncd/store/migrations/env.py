"""Runs the steps on the connection that ``syncd.store.schema`` hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,  # schema.py has begun the transaction, on SQLite too
    render_as_batch=True,
)
context.run_migrations()
