"""What people say: which comments were heard, what is to be said in answer, when they were asked for last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "heard",
        sa.Column("release", sa.Text(), nullable=False, primary_key=True),
        sa.Column("tracker", sa.Text(), nullable=False, primary_key=True),
        sa.Column("issue", sa.Text(), nullable=False, primary_key=True),
        sa.Column("comment", sa.Text(), nullable=False, primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
    )
    op.add_column("fact", sa.Column("tried_at", sa.DateTime(), nullable=True))
    op.create_table(
        "notice",
        sa.Column("release", sa.Text(), nullable=False, primary_key=True),
        sa.Column("name", sa.Text(), nullable=False, primary_key=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("tried_at", sa.DateTime(), nullable=True),
        sa.Column("posted_at", sa.DateTime(), nullable=True),
    )
