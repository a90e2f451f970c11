"""What continuous reading needs: facts beside the items, what statuses mean, and which releases a reading touched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "fact",
        sa.Column("tracker", sa.Text(), nullable=False, primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False, primary_key=True),
        sa.Column("name", sa.Text(), nullable=False, primary_key=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "touched",
        sa.Column("release", sa.Text(), nullable=False, primary_key=True),
        sa.Column("touches", sa.Integer(), nullable=False),
    )
    op.add_column("tracker", sa.Column("words", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("sight", sa.Column("changed_at", sa.DateTime(), nullable=True))
    op.add_column("sight", sa.Column("ways", sa.Text(), nullable=False, server_default="[]"))
    op.drop_index("member_item", "member")
    op.create_index("member_item", "member", ["tracker", "item_id", "release", "gate"])
