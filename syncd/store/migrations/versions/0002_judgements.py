"""What people said, what was judged, the summary issue that we own, and who may write it now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "record",
        sa.Column("release", sa.Text(), nullable=False, primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False, primary_key=True),
        sa.Column("id", sa.Text(), nullable=False, primary_key=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_table(
        "judgement",
        sa.Column("release", sa.Text(), nullable=False, primary_key=True),
        sa.Column("memory", sa.Text(), nullable=False),
        sa.Column("readiness", sa.Text(), nullable=False),
        sa.Column("wake_at", sa.DateTime(), nullable=True),
        sa.Column("judged_at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "summary",
        sa.Column("release", sa.Text(), nullable=False, primary_key=True),
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("intent_at", sa.DateTime(), nullable=True),
        sa.Column("issue_id", sa.Text(), nullable=True),
        sa.Column("issue_key", sa.Text(), nullable=True),
        sa.Column("issue_url", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(), nullable=True),
        sa.Column("valid_until", sa.DateTime(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("loud", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("complaint", sa.Text(), nullable=False),
    )
    op.create_table(
        "claim",
        sa.Column("what", sa.Text(), nullable=False, primary_key=True),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
    )
