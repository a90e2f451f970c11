"""What is read of the trackers: their state, items, which gate they belong to, and how well each gate is seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "tracker",
        sa.Column("name", sa.Text(), nullable=False, primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("account_name", sa.Text(), nullable=False),
        sa.Column("complete_at", sa.DateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
    )
    op.create_table(
        "item",
        sa.Column("tracker", sa.Text(), nullable=False, primary_key=True),
        sa.Column("item_id", sa.Text(), nullable=False, primary_key=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("observed_at", sa.DateTime(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_table(
        "member",
        sa.Column("release", sa.Text(), nullable=False, primary_key=True),
        sa.Column("gate", sa.Text(), nullable=False, primary_key=True),
        sa.Column("tracker", sa.Text(), nullable=False, primary_key=True),
        sa.Column("item_id", sa.Text(), nullable=False, primary_key=True),
        sa.Column("missed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["tracker", "item_id"], ["item.tracker", "item.item_id"]),
    )
    op.create_index("member_item", "member", ["tracker", "item_id"])
    op.create_table(
        "sight",
        sa.Column("release", sa.Text(), nullable=False, primary_key=True),
        sa.Column("gate", sa.Text(), nullable=False, primary_key=True),
        sa.Column("tracker", sa.Text(), nullable=False, primary_key=True),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("watermark", sa.DateTime(), nullable=True),
        sa.Column("observed_at", sa.DateTime(), nullable=True),
        sa.Column("complete_at", sa.DateTime(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
    )
