"""One release of the configuration as validated: its dates, its summary and its gates.

Read through ``config.schema``. What a gate leaves out is filled in by ``config.resolve``, which knows the launch issue.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from config.base import Strict
from config.values import Address, Duration, Holidays, LongText, Moment, Name, Text, Texts, Wait, Zone, one_or_more
from config.wording import got, wrong

Priority = Literal["urgent", "highest", "high", "medium", "normal", "low", "lowest"]
People = Annotated[
    list[Text],
    Field(min_length=1, max_length=20),
    BeforeValidator(one_or_more, json_schema_input_type=Text | list[Text]),
]


def text_or_mapping(given: Any) -> str:  # noqa: ANN401 - anything may stand in the file
    return "text" if isinstance(given, str) else "mapping"


class Selector(BaseModel):
    """A query in the tracker's own terms. Several keys narrow; which ones there are depends on the tracker's kind."""

    model_config = ConfigDict(
        extra="allow",  # the keys of a connector from elsewhere; config.references checks them all
        strict=True,
        frozen=True,
        hide_input_in_errors=True,
        json_schema_extra={"additionalProperties": False},
    )

    tracker: Name | None = Field(
        default=None, description="A key of trackers; may be left out where there is only one."
    )
    jql: LongText | None = Field(default=None, description="Jira: a query; stands alone.")
    project: Text | None = Field(default=None, description="Jira: a project's key. Linear: a project's name.")
    fix_version: Text | None = Field(default=None, description="Jira: the name of a fix version.")
    epic: Text | None = Field(default=None, description="Jira: an epic's key; its children at any depth.")
    label: Text | None = Field(default=None, description="A label's name.")
    component: Text | None = Field(default=None, description="Jira: a component's name.")
    type: Text | None = Field(default=None, description="Jira: the name of an issue type.")
    team: Text | None = Field(default=None, description="Linear: a team's key.")
    milestone: Text | None = Field(default=None, description="Linear: the name of a project milestone.")
    initiative: Text | None = Field(default=None, description="Linear: an initiative's name.")
    release: Text | None = Field(default=None, description="Linear: a release's name.")
    filter: dict[str, Any] | None = Field(default=None, description="Linear: an IssueFilter as YAML; stands alone.")

    @property
    def terms(self) -> dict[str, Any]:
        """The keys that the file gives, without the tracker."""
        return {key: value for key, value in self if key in self.model_fields_set and key != "tracker"}


Items = Annotated[
    Annotated[Address, Tag("text")] | Annotated[Selector, Tag("mapping")],
    Discriminator(text_or_mapping),
]


def _items(given: Any) -> Any:  # noqa: ANN401 - anything may stand in the file
    if given == "none":
        return []
    if given is None or given == []:
        raise wrong(f"got {'nothing' if given is None else 'an empty list'}", "for a gate without tickets write none")
    return [given] if isinstance(given, str) else given


class SignOff(Strict):
    """The ticket by which an owner signs in the own tracker."""

    item: Address = Field(description="The ticket: tracker/KEY, or KEY where there is only one tracker.")
    status: Text | None = Field(
        default=None, description="Its status, by name or id, that means ready; by default done."
    )


class BlockersSettings(Strict):
    """Which items block the gate; every part that is given must fit."""

    priority: Priority | None = Field(default=None, description="The least urgent priority that still blocks.")
    labels: Texts = Field(default=[], description="Items with any of these labels block.")
    types: Texts = Field(default=[], description="Items of any of these types block.")


def _sign_off(given: Any) -> Any:  # noqa: ANN401 - anything may stand in the file
    if not isinstance(given, bool | dict | SignOff):
        raise wrong(f"got {got(given)}", "write false, or {item: tracker/KEY} with the ticket that says ready")
    return given


def _sign_off_form(given: Any) -> str:  # noqa: ANN401 - anything may stand in the file
    return "word" if isinstance(given, bool) else "mapping"


class GateSettings(Strict):
    """One department's readiness. Written as ``tracker/PROJECT`` it is narrowed by conventions."""

    name: Text | None = Field(default=None, description="The name as people know it.")
    questions: Annotated[list[Text], Field(max_length=20)] | None = Field(
        default=None, description="What the owner answers by signing."
    )
    owner: People | None = Field(default=None, description="An e-mail or a key of people; a list is owner and backups.")
    mode: Literal["required", "advisory"] = Field(
        default="required", description="An advisory gate is shown and never counted."
    )
    after: Annotated[list[Name], Field(max_length=60)] = Field(
        default=[], description="Gates that hand something over to this one first."
    )
    due: Moment | None = Field(default=None, description="When this gate must be met; by default the target.")
    items: Annotated[
        list[Items],
        Field(max_length=50),
        BeforeValidator(
            _items,
            json_schema_input_type=Literal["none"] | Address | Annotated[list[Items], Field(min_length=1)],
        ),
    ] = Field(description="What is read: selectors, of which any may match; tracker/PROJECT; or none.")
    sign_off: Annotated[
        Annotated[
            Annotated[bool, Tag("word")] | Annotated[SignOff, Tag("mapping")],
            Discriminator(_sign_off_form),
        ],
        BeforeValidator(_sign_off, json_schema_input_type=bool | SignOff),
    ] = Field(default=True, description="false: no signature needed. A ticket: moving it there signs.")
    blockers: BlockersSettings = Field(default=BlockersSettings(), description="Which items block; by default all.")
    expect: Annotated[int, Field(ge=0, le=100_000)] = Field(default=1, description="The least number of live items.")
    confidential: bool = Field(default=False, description="Show only key, state and owner of its items, everywhere.")


def _gate(given: Any) -> Any:  # noqa: ANN401 - anything may stand in the file
    return {"items": given} if isinstance(given, str) else given


Gate = Annotated[GateSettings, BeforeValidator(_gate, json_schema_input_type=Address | GateSettings)]


class TimingSettings(Strict):
    """A release's own clocks instead of the table, which depends on the time to the target."""

    freshness: Duration | None = Field(default=None, description="How long a tracker may be silent.")
    signature: Duration | None = Field(default=None, description="How long a signature lasts.")
    soak: Wait | None = Field(
        default=None, description="How long a gate must stay met before it is ready; 0s: not at all."
    )
    lease: Duration | None = Field(default=None, description="How long a written verdict may be trusted.")


class Scope(Strict):
    found: Texts = Field(
        default=["Bug"], description="Types of items that count as found, not added, after the freeze."
    )


class SummaryStatuses(Strict):
    blocked: Text | None = Field(default=None, description="The summary's status, by name or id, while not launchable.")
    ready: Text | None = Field(default=None, description="Its status after the manager's go.")


class SummarySettings(Strict):
    """The summary issue's place and kind."""

    tracker: Name | None = Field(default=None, description="A key of trackers; by default the launch issue's.")
    project: Text | None = Field(default=None, description="Jira: the project's key; by default the launch issue's.")
    team: Text | None = Field(default=None, description="Linear: the team's key; by default the launch issue's.")
    type: Text = Field(default="Task", description="Jira: the issue type.")
    issue: Address | None = Field(default=None, description="Use this existing issue instead of making one.")
    link: Text = Field(default="Blocks", description="Jira: the link type by which it blocks the launch issue.")
    statuses: SummaryStatuses = Field(
        default=SummaryStatuses(), description="Which statuses it is put into; none by default."
    )


class ReleaseSettings(Strict):
    name: Text | None = Field(default=None, description="By default the launch issue's title.")
    launch: Address = Field(description="The launch issue, which the summary blocks: tracker/KEY or KEY.")
    target: Moment | None = Field(
        default=None, description="The day (its end) or time of the launch; by default the launch issue's due date."
    )
    freeze: Moment | None = Field(default=None, description="When the scope freezes; a day means its beginning.")
    expect_by: Moment | None = Field(
        default=None, description="Until then gates may be not started; by default 30 days before the target."
    )
    timezone: Zone = Field(default=ZoneInfo("UTC"), description="The zone of this release's days and working hours.")
    holidays: Holidays | None = Field(default=None, description="Instead of the file's own holidays.")
    manager: People | None = Field(
        default=None, description="Who decides, then who stands in; by default the launch issue's assignee."
    )
    timing: TimingSettings = Field(default=TimingSettings(), description="Overrides of the table of limits.")
    scope: Scope = Field(default=Scope(), description="What counts as what after the freeze.")
    chart: bool = Field(default=True, description="Whether the status page draws this release's course.")
    summary: SummarySettings = Field(default=SummarySettings(), description="Where the summary issue lives.")
    gates: Annotated[dict[Name, Gate | None], Field(max_length=60, json_schema_extra={"minProperties": 1})] = Field(
        description="The departments; null: not in this release, do not ask."
    )
