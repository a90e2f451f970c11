"""The tables as they are now. The migrations make the same; a test compares the two."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class Moment(TypeDecorator[datetime]):
    """An instant: stored as UTC without a zone, read back aware. A naive time is refused: nobody knows its zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value}")
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        return value and value.replace(tzinfo=UTC)


class Plain(TypeDecorator[str]):
    """Text of any origin. What no database takes (NUL, half of a surrogate pair) is stored as U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _text(**kwargs: Any) -> Any:  # noqa: ANN401 - a field of SQLModel is typed by its annotation
    return Field(sa_type=Plain, **kwargs)


def _key() -> Any:  # noqa: ANN401 - as above
    return _text(primary_key=True)


def _moment() -> Any:  # noqa: ANN401 - as above
    return Field(sa_type=Moment)


class TrackerRow(SQLModel, table=True):
    """One tracker: who we are there, how reading it went last, and a digest of what its statuses mean."""

    __tablename__ = "tracker"

    name: str = _key()
    kind: str = _text()
    account_id: str = _text()
    account_name: str = _text()
    complete_at: datetime | None = _moment()
    error: str = _text()
    words: str = _text(sa_column_kwargs={"server_default": text("''")})


class ItemRow(SQLModel, table=True):
    """One item as last read. ``observed_at`` is when this very content was first read; ``digest`` names it."""

    __tablename__ = "item"

    tracker: str = _key()
    item_id: str = _key()
    key: str = _text()
    digest: str = _text()
    observed_at: datetime = _moment()
    content: str = _text()


class MemberRow(SQLModel, table=True):
    """An item belongs to a gate. ``missed_at`` is when it could first not be found any more."""

    __tablename__ = "member"
    __table_args__ = (
        ForeignKeyConstraint(["tracker", "item_id"], ["item.tracker", "item.item_id"]),
        Index("member_item", "tracker", "item_id", "release", "gate"),
    )

    release: str = _key()
    gate: str = _key()
    tracker: str = _key()
    item_id: str = _key()
    missed_at: datetime | None = _moment()


class SightRow(SQLModel, table=True):
    """How well one gate's part of one tracker is seen: ``mapping.sight.Sight`` without the vanished items.

    ``asked`` names the question that was answered; ``watermark`` is how far it was read, by the tracker's own clock;
    ``ways`` are the ways of its conventions that existed at the last complete reading, as a JSON list.
    """

    __tablename__ = "sight"

    release: str = _key()
    gate: str = _key()
    tracker: str = _key()
    asked: str = _text()
    watermark: datetime | None = _moment()
    observed_at: datetime | None = _moment()
    complete_at: datetime | None = _moment()
    changed_at: datetime | None = _moment()
    problem: str = _text()
    refused: bool = Field()
    ways: str = _text(sa_column_kwargs={"server_default": "[]"})


class FactRow(SQLModel, table=True):
    """What a tracker told of one thing beside its items: see ``syncd.store.model.Fact``."""

    __tablename__ = "fact"

    tracker: str = _key()
    kind: str = _key()
    name: str = _key()
    content: str = _text()
    title: str = _text()
    read_at: datetime | None = _moment()
    problem: str = _text()
    refused: bool = Field()
    tried_at: datetime | None = _moment()


class TouchedRow(SQLModel, table=True):
    """A release that something touched since it was judged last. ``touches`` grows with each."""

    __tablename__ = "touched"

    release: str = _key()
    touches: int = Field()


class RecordRow(SQLModel, table=True):
    """What somebody said. Never changed, never deleted."""

    __tablename__ = "record"

    release: str = _key()
    kind: str = _key()
    id: str = _key()
    at: datetime = _moment()
    content: str = _text()


class JudgementRow(SQLModel, table=True):
    __tablename__ = "judgement"

    release: str = _key()
    memory: str = _text()
    readiness: str = _text()
    wake_at: datetime | None = _moment()
    judged_at: datetime = _moment()


class EvidenceRow(SQLModel, table=True):
    """One exhibit; see ``syncd.store.model.Evidence``. Never changed, never deleted. ``content`` is its text,
    compressed.
    """

    __tablename__ = "evidence"
    __table_args__ = (Index("evidence_number", "release", "number", unique=True),)

    release: str = _key()
    sha: str = _key()
    number: int = Field()
    previous: str = _text()
    at: datetime = _moment()
    why: str = _text()
    version: str = _text()
    marks: str = _text()
    content: bytes = Field()


class SummaryRow(SQLModel, table=True):
    """The summary issue of one release, and what its tracker last accepted."""

    __tablename__ = "summary"

    release: str = _key()
    tracker: str = _text()
    mark: str = _text()
    generation: int = Field()
    intent_at: datetime | None = _moment()
    issue_id: str | None = _text()
    issue_key: str | None = _text()
    issue_url: str | None = _text()
    digest: str | None = _text()
    accepted_at: datetime | None = _moment()
    valid_until: datetime | None = _moment()
    verdict: str | None = _text()
    remarks: str = _text()
    loud: bool = Field()
    text: str = _text()
    complaint: str = _text()


class HeardRow(SQLModel, table=True):
    """A comment that was heard: ``name`` begins the ids of its records, and is another one once it was edited."""

    __tablename__ = "heard"

    release: str = _key()
    tracker: str = _key()
    issue: str = _key()
    comment: str = _key()
    name: str = _text()


class NoticeRow(SQLModel, table=True):
    """A comment of ours on the summary issue: to be posted, or posted. ``tried_at``: since when a try may have got
    through without an answer.
    """

    __tablename__ = "notice"

    release: str = _key()
    name: str = _key()
    at: datetime = _moment()
    content: str = _text()
    tried_at: datetime | None = _moment()
    posted_at: datetime | None = _moment()


class ReminderRow(SQLModel, table=True):
    """What was said by ourselves, so that it is said once; see ``mapping.reminder.Reminder``."""

    __tablename__ = "reminder"
    __table_args__ = (Index("reminder_person", "person"),)

    release: str = _key()
    person: str = _key()
    gate: str = _key()
    name: str = _key()
    at: datetime = _moment()
    open: bool = Field()


class ClaimRow(SQLModel, table=True):
    """Who has a right until when. ``fence`` grows with each new holder."""

    __tablename__ = "claim"

    what: str = _key()
    holder: str = _text()
    until: datetime = _moment()
    fence: int = Field()


METADATA = SQLModel.metadata
TRACKER = METADATA.tables["tracker"]
ITEM = METADATA.tables["item"]
MEMBER = METADATA.tables["member"]
FACT = METADATA.tables["fact"]
TOUCHED = METADATA.tables["touched"]
SIGHT = METADATA.tables["sight"]
RECORD = METADATA.tables["record"]
JUDGEMENT = METADATA.tables["judgement"]
SUMMARY = METADATA.tables["summary"]
CLAIM = METADATA.tables["claim"]
HEARD = METADATA.tables["heard"]
NOTICE = METADATA.tables["notice"]
REMINDER = METADATA.tables["reminder"]
EVIDENCE = METADATA.tables["evidence"]
