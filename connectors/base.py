"""The seam between syncd and a tracker: what a connector must offer, and the words both sides use.

A connector is a package with one ``connector`` (a ``Connector``), named by an entry point of the group
``syncd.connectors``. Everything raises ``connectors.errors.TrackerError`` or one of its children and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from connectors.errors import TrackerError
from connectors.pace import Pace
from mapping.item import Account, Item

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from mapping.document import Line, Report
    from mapping.health import Health
    from mapping.item import Ticket
    from mapping.talk import Talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One tracker of the configuration, secrets resolved. ``repr`` shows no token.

    ``statuses`` maps a status name or id to a progress word ("done", "dropped", ...); ``dropped_resolutions`` are
    names or ids of resolutions that mean "not doing it", None for the connector's default. ``pace`` is the tracker's
    one rate gate and ``site`` what was learnt of the site for good; both are shared by all who hold these settings.
    """

    name: str
    kind: str
    url: str
    token: str = field(repr=False)
    email: str | None = None
    statuses: Mapping[str, str] = field(default_factory=dict)
    dropped_resolutions: frozenset[str] | None = None
    timeout_s: float = 30.0
    pace: Pace = field(default_factory=Pace, compare=False, repr=False)
    site: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """A gate's query in the tracker's own terms, as validated by the configuration (keys are the connector's
    ``selector_keys``). Several terms narrow.
    """

    terms: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """A bare ``tracker/PROJECT``: whatever in that project (Linear: team) carries the release by ANY of: fix version
    = its name; label = its id or name; under an epic, in a Linear project or Linear release so named; a child of the
    launch issue or linked to it (``launch_key``, only where the launch issue lives in the same tracker).
    """

    project: str
    release_id: str
    release_name: str
    launch_key: str | None = None


Query = Selector | Convention


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the tracker says we are. ``now`` is the tracker's own clock at that answer (HTTP ``Date``), aware, UTC."""

    account: Account
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """The launch issue, as far as the configuration leaves it to say. ``project`` is its project or team key,
    ``status`` the tracker's word; ``is_over``: that means done or dropped.
    """

    id: str
    key: str
    url: str
    title: str
    due: date | None
    assignee: Account | None
    project: str
    status: str = ""
    is_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A reading of several queries at once, each under the name that the caller gave it.

    ``items`` by id, each parsed (those of ``Source.read`` went another way); ``members``: query name → ids, only for
    queries that were read WHOLE;
    ``failed``: query name → why it was not. A name is in exactly one of the two.
    ``ways``: name of a convention → the ways of it that exist at all ("fix version", "epic"): one that existed before
    and is gone took its items along, which must not look like less work. ``words``: of ``Source.read`` alone, what
    ``Source.words`` told before the first content was read.
    """

    items: Mapping[str, Item]
    members: Mapping[str, frozenset[str]]
    failed: Mapping[str, TrackerError]
    ways: Mapping[str, frozenset[str]] = field(default_factory=dict)
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What a webhook says: look at these ids now. ``deleted`` are those of them that it calls gone for good; no ids at
    all: look at what changed. ``delivery`` is the same for a repeated delivery, "" when it has no name; ``at`` is when
    it was sent, by the tracker's clock, None when it does not say.
    """

    ids: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()
    delivery: str = ""
    at: datetime | None = None


Carriers = Mapping[str, frozenset[str] | TrackerError]
"""Name of a convention → the ids that carry its release, or why they cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One way by which a query matched, for ``check``: ("fix version = Atlas 2.0", 12)."""

    how: str
    count: int


class Source(Protocol):
    """One tracker, read only: no method of it can write. Not thread-safe; close it when done.

    It may live for many passes: what it learnt at its start (projects, versions, epics, the address for people) it
    learns anew at each ``read`` and ``census``.
    """

    name: str

    def identify(self) -> Identity:
        """Who are we; asked at the start of each pass. Raises DeniedError when anonymous."""

    def launch(self, key: str) -> Launch:
        """The launch issue. Raises MissingError."""

    def lead(self, project: str) -> Account | None:
        """The project's (Jira) or team's (Linear) lead, None where there is none. Raises MissingError."""

    def person(self, email: str) -> Account | None:
        """The account with this e-mail, None where the tracker knows none."""

    def read(self, queries: Mapping[str, Query], keep: Callable[[Sequence[Item]], None]) -> Reading:
        """A complete reading: every item of every query, read afresh, each given to ``keep`` once, as they come and in
        this thread, so that nobody has to hold all of them. An error of one query is in ``failed``; an error of the
        whole tracker is raised, and what was kept until then is worthless.
        """

    def census(self, queries: Mapping[str, Query]) -> Reading:
        """The ids alone of every query, read afresh; errors as in ``read``."""

    def words(self) -> str:
        """A digest of what the tracker's statuses mean now: another one than before calls for a complete reading, for
        no item's time stamp moves when a status is renamed or moved to another category. "" when it does not say.
        """

    def changed(self, since: datetime, now: datetime, talks: Collection[str] = ()) -> Mapping[str, str]:
        """The probe: ids whose item changed in ``since``..``now`` (both by the tracker's clock) or in the overlap
        before it, each with its stamp: while that is the same, the tracker has noted no further change; "" when it does
        not say. Relative bounds only, no upper bound. ``talks``: ids of issues of which a new comment is a change, too,
        even where the tracker itself does not count it as one; in the same request.
        """

    def matching(self, queries: Mapping[str, Query], ids: Iterable[str]) -> Reading:
        """Which of these ids are in which query now, with their items read afresh. Ids that cannot be found are
        absent.
        """

    def lookup(self, ids: Iterable[str]) -> Mapping[str, Item]:
        """Items by id, whatever query they match. Ids that cannot be found are absent."""

    def ticket(self, key: str) -> Ticket:
        """A sign-off ticket with the history of its status. Raises MissingError."""

    def comments(self, issue: str) -> Talk:
        """All comments of this issue (a key or an id), whole, replies among them, oldest first. Raises MissingError."""

    def healths(self, projects: Collection[str]) -> Mapping[str, Health]:
        """What the people of these projects (as a selector names them) say of them; empty where the tracker knows no
        such word. Projects that it does not show are absent.
        """

    def carriers(self, conventions: Mapping[str, Convention]) -> Callable[[], Carriers]:
        """For each name the ids of the issues of any project that carry the release themselves or stand next to the
        launch issue, or why they cannot be told: the convention's project is not looked at, and neither is what is
        deeper below. Asked beside whatever else is asked until the answer is called for, where the pace allows that.
        """

    def explain(self, query: Query) -> tuple[Explained, ...]:
        """For ``check``: by which convention what matched; one entry for a plain selector."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarySettings:
    """Where one release's summary issue lives. ``mark`` is the release's unique mark, the same for ever: label and
    property in Jira, the seed of the client-made UUID in Linear. ``issue`` is a configured key.
    ``launch_key`` is the launch issue's, None where it lives in another tracker. ``generation`` counts how often the
    release was given another summary on purpose (0 at first).
    """

    release: str
    mark: str
    project: str
    type: str = "Task"
    link: str = "Blocks"
    issue: str | None = None
    launch_key: str | None = None
    generation: int = 0


LATER = 10
"""How many generations of a summary are looked for together: a release is given another one once or twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """The summary issue's identity and its present address."""

    id: str
    key: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The summary issue as its tracker holds it now.

    ``digest`` is the material digest that was written last, None when it cannot be told. ``notes`` is the
    manager's part in the tracker's own form (opaque to the caller), None when it cannot be told apart from ours.
    ``status`` is the tracker's word. ``blocks`` are the keys of the issues that it blocks by the configured link.
    ``title`` as people see it; ``empty``: nothing of our part stands in the body any more.
    """

    ref: Ref
    digest: str | None
    notes: Any
    status: str
    blocks: frozenset[str] = frozenset()
    title: str = ""
    empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An accepted write. ``remarks`` are sentences on what the tracker refused beside it (a label, the property): told
    to people, never a failure. ``shrunk`` is the place of the report that was taken, 0 for the full one. ``loud``:
    this tracker tells the watchers of every write, wanted or not.
    """

    ref: Ref
    remarks: tuple[str, ...] = ()
    shrunk: int = 0
    loud: bool = False


class Summary(Protocol):
    """The writer of ONE release's summary issue. It can write that issue's fields, its property or attachment, its
    status and its link to the launch issue, and nothing else; it refuses any other id. Not thread-safe; close it when
    done.

    ``generation`` is the settings' until ``find`` meets a later one.
    """

    name: str
    generation: int

    def find(self) -> Ref | None:
        """The issue that carries our mark, or the configured one; None when there is none (yet: an index may lag). Of
        several generations it is the latest: who lost the store knows of none. Raises PermanentError when more than
        one of that generation carries the mark, or it is trashed.
        """

    def create(self, reports: Sequence[Report]) -> Written:
        """Creates the issue, marked in the same call. ``reports`` are the same report from full to smallest: the first
        that the tracker takes is written. Raises LostAnswerError when nobody knows whether it was.
        """

    def read(self, ref: Ref) -> Held:
        """Reads it by id. Raises MissingError when it was deleted or hidden, PermanentError when the issue of this id
        carries no mark of ours and was not configured either: then it is somebody else's.
        """

    def update(self, held: Held, reports: Sequence[Report], *, quiet: bool = False) -> Written:
        """Rewrites title, body and machine copy, the notes of ``held`` carried over; ``reports`` as in ``create``.
        ``quiet``: nothing but the lease is renewed, so nobody is notified where the tracker allows that. Raises
        PermanentError, leaving the body alone, when the notes cannot be told apart from ours.
        """

    def block(self, ref: Ref, launch_key: str) -> None:
        """Makes the summary block the launch issue by the tracker's own link, once."""

    def move(self, ref: Ref, status: str) -> None:
        """Puts the summary into the status of this name or id; nothing when it is there."""

    def comment(self, ref: Ref, lines: Sequence[Line], name: str, *, tried: timedelta | None = None) -> None:
        """Posts a comment on the summary issue, a paragraph for each line: text, links and mentions, and no markup of a
        text comes alive. ``name`` is this comment's own, the same for ever: whoever posts it again posts nothing.
        ``tried``: how long ago an earlier try may have got through without an answer, for the tracker has a clock of
        its own; None when there was none.
        """

    def obstacles(self, statuses: Collection[str] = ()) -> tuple[str, ...]:
        """For ``check``: what hinders us from creating and writing the summary issue and from putting it into these
        statuses (names or ids, in that order), each a sentence with its remedy; empty when nothing does, as far as the
        tracker tells.
        Writes nothing.
        """

    def is_loud(self) -> bool:
        """For ``check``: whether every renewal will tell the watchers, as far as the tracker tells beforehand."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """What a connector package offers. ``settles_s`` is how long after a lost create ``find`` may still miss the
    issue. ``hint`` reads a webhook: its headers, its raw body and the secret that must have signed it. It raises
    DeniedError for a signature that is missing or wrong, MalformedError for a body that is none of this tracker's.
    ``hint_fresh_s`` is how old a webhook may be: an older one is a repetition, not news. It is refused; where the
    tracker itself ``delivers_late``, it is a hint to look at what changed, of which nothing else is believed.
    """

    kind: str
    selector_keys: frozenset[str]
    default_url: str | None
    open_source: Callable[[Settings], Source]
    open_summary: Callable[[Settings, SummarySettings], Summary]
    hint: Callable[[Mapping[str, str], bytes, str], Hint]
    settles_s: float = 0.0
    hint_fresh_s: float = 60.0
    delivers_late: bool = False
