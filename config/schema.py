"""The configuration as validated: everything but the releases, which have their own module.

Made by ``config.loading`` and by nobody else, because what refers to one another is checked there. The descriptions
are what an editor shows (``syncd schema``); interface.md §2 is the source of every key and default.
"""

from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, PlainValidator, Tag

from config.base import Strict
from config.release import ReleaseSettings, text_or_mapping
from config.secret import HookSecretRef, HttpTokenRef, NoticeRef, Secret, TokenRef, referred
from config.values import Bind, Cron, Duration, Email, Holidays, Name, Text, Texts, Url, Zone
from config.wording import got, meant, wrong
from connectors import registry


def database_url(given: object) -> object:
    """``sqlite:///FILE`` or ``postgresql://…`` without a password; else a reference, which passes as it is."""
    if isinstance(given, dict | Secret):
        return referred(given, "database's URL", "SYNCD_DATABASE_URL")
    text = given if isinstance(given, str) else ""
    scheme, found, rest = text.partition("://")
    if ":" in rest.rpartition("@")[0] or "password" in rest.lower():
        raise wrong("the database's password stands in the file", "give the whole URL as {env: SYNCD_DATABASE_URL}")
    if not found or scheme not in ("sqlite", "postgresql", "postgresql+psycopg") or len(text) > 2000:  # noqa: PLR2004 - no URL is longer
        raise wrong("this is no database's URL", "write sqlite:///syncd.db or postgresql://host/name")
    return text


DatabaseUrl = Annotated[str, Field(pattern=r"^(sqlite|postgresql(\+psycopg)?)://", max_length=2000)]


def tracker_kind(given: object) -> str:
    if given not in registry.kinds():
        remedy = meant(given if isinstance(given, str) else "", registry.kinds(), "")
        raise wrong(f"got {got(given)}, which is no kind of tracker", remedy)
    return str(given)


Kind = Annotated[str, PlainValidator(tracker_kind, json_schema_input_type=Literal["jira", "linear"])]


class Http(Strict):
    bind: Bind = Field(default="127.0.0.1:8321", description="Host and port to listen at.")
    public_url: Url | None = Field(default=None, description="The address under which people reach the status page.")
    token: HttpTokenRef | None = Field(default=None, description="What readers of the status page must present.")


class Notice(Strict):
    url: NoticeRef = Field(description="Where to post, a chat's incoming webhook for example: a reference.")
    on: Annotated[list[Literal["verdict", "ask", "digest"]], Field(min_length=1, max_length=3)] = Field(
        default=["verdict", "ask", "digest"], description="What is posted there."
    )


class Digest(Strict):
    cron: Cron = Field(description="When the agenda of the release meeting is posted, as five crontab fields.")
    timezone: Zone = Field(default=ZoneInfo("UTC"), description="The zone in which the cron times are meant.")


class Statuses(Strict):
    """Status names or ids by what they mean, where the tracker's own category misleads."""

    todo: Texts = Field(default=[], description="Statuses in which nobody has begun.")
    doing: Texts = Field(default=[], description="Statuses in which somebody is at work.")
    done: Texts = Field(default=[], description="Statuses that mean finished.")
    dropped: Texts = Field(default=[], description="Statuses that mean it will not be done.")


class Resolutions(Strict):
    dropped: Texts = Field(description="Resolutions, by name or id, that mean it will not be done.")


class TrackerSettings(Strict):
    kind: Kind = Field(description="jira (Cloud or Data Center, found out by itself) or linear.")
    url: Url | None = Field(default=None, description="The site's address. Linear: https://api.linear.app/graphql.")
    email: Email | None = Field(
        default=None, description="Jira Cloud: the account's e-mail. Without it the token is a Data Center PAT."
    )
    token: TokenRef = Field(description="The account's API token: {env: NAME} or {file: PATH}.")
    poll: Duration = Field(
        default=timedelta(seconds=60), json_schema_extra={"default": "1m"}, description="How often we ask what changed."
    )
    sweep: Duration = Field(
        default=timedelta(hours=1),
        json_schema_extra={"default": "1h"},
        description="How often we read the ids of everything.",
    )
    contact: Text | None = Field(
        default=None, description="Who can restore our sight of this tracker: a key of people, an e-mail or a name."
    )
    statuses: Statuses = Field(default=Statuses(), description="Statuses that mean something else than they look.")
    resolutions: Resolutions | None = Field(
        default=None, description="Instead of Won't Do, Duplicate, Cannot Reproduce, Declined."
    )
    webhook_secret: HookSecretRef | None = Field(
        default=None, description="Signs this tracker's webhooks: a reference."
    )


class PersonSettings(BaseModel):
    """One person's identities. Further keys are trackers' names with the account id there."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, hide_input_in_errors=True)
    __pydantic_extra__: dict[str, Text]

    name: Text | None = Field(default=None, description="The name as people know it; by default the key.")
    email: Email | None = Field(default=None, description="The e-mail that the trackers know this person by.")

    @property
    def accounts(self) -> dict[str, str]:
        """Tracker → account id."""
        return self.__pydantic_extra__


class Config(Strict):
    """The whole file."""

    database: Annotated[
        Annotated[str, Tag("text")] | Annotated[Secret, Tag("mapping")],
        Discriminator(text_or_mapping),
        BeforeValidator(database_url, json_schema_input_type=DatabaseUrl | Secret),
    ] = Field(
        default="sqlite:///syncd.db", description="Where syncd remembers: a URL without a password, or a reference."
    )
    http: Http | None = Field(default=Http(), description="The daemon's status page; null switches it off.")
    min_write_interval: Duration = Field(
        default=timedelta(seconds=30),
        json_schema_extra={"default": "30s"},
        description="The least time between two writes of one summary issue.",
    )
    notify: Annotated[list[Notice], Field(max_length=20)] = Field(default=[], description="Who hears of changes.")
    digest: Digest | None = Field(default=None, description="The agenda of the release meeting; null: none is posted.")
    holidays: Holidays | None = Field(
        default=None, description="Days without work: a country or country-state such as US-NY."
    )
    retention: Duration = Field(
        default=timedelta(days=730), json_schema_extra={"default": "2y"}, description="How long history is kept."
    )
    trackers: Annotated[dict[Name, TrackerSettings], Field(max_length=50, json_schema_extra={"minProperties": 1})] = (
        Field(description="The trackers that we read, each under a name of your own.")
    )
    people: Annotated[dict[Name, PersonSettings], Field(max_length=2000)] = Field(
        default={}, description="People whom the trackers do not know by one e-mail."
    )
    releases: Annotated[dict[Name, ReleaseSettings], Field(max_length=200, json_schema_extra={"minProperties": 1})] = (
        Field(description="The releases, each under an id of your own that never changes.")
    )

    @property
    def database_url(self) -> str:
        """The URL itself; with a password in it where it came by reference, so never to be shown."""
        return self.database if isinstance(self.database, str) else self.database.value
