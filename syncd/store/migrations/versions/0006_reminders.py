"""What syncd said by itself, so that it is said once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "reminder",
        sa.Column("release", sa.Text(), nullable=False, primary_key=True),
        sa.Column("person", sa.Text(), nullable=False, primary_key=True),
        sa.Column("gate", sa.Text(), nullable=False, primary_key=True),
        sa.Column("name", sa.Text(), nullable=False, primary_key=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
    )
    op.create_index("reminder_person", "reminder", ["person"])
