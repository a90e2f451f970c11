"""What a fresh Jira site knows before anybody works in it: statuses, types, fields, link types, permissions.

Called by the world. Holds no state: each call makes new values.
"""

from __future__ import annotations

from syncd.sandbox.jira import shapes
from syncd.sandbox.jira.shapes import EPIC_LINK, EPIC_NAME, Json

# ids above those of young real sites, so that recorded answers can be loaded beside them
STATUSES = (
    ("90001", "To Do", "new"),
    ("90002", "In Progress", "indeterminate"),
    ("90003", "Done", "done"),
    ("90004", "In Review", "indeterminate"),
    ("90005", "Blocked", "indeterminate"),
    ("90006", "Ready to launch", "indeterminate"),
    ("90007", "Backlog", "new"),
)
TYPES = (
    ("90011", "Epic", 1),
    ("90012", "Story", 0),
    ("90013", "Task", 0),
    ("90014", "Sub-task", -1),
    ("90015", "Bug", 0),
)
PRIORITIES = (("1", "Highest"), ("2", "High"), ("3", "Medium"), ("4", "Low"), ("5", "Lowest"))
RESOLUTIONS = (("90021", "Done"), ("90022", "Won't Do"), ("90023", "Duplicate"), ("90024", "Cannot Reproduce"))
LINK_TYPES = (
    ("90031", "Blocks", "is blocked by", "blocks"),
    ("90032", "Cloners", "is cloned by", "clones"),
    ("90033", "Duplicate", "is duplicated by", "duplicates"),
    ("90034", "Relates", "relates to", "relates to"),
)
PERMISSIONS = (
    "BROWSE_PROJECTS",
    "CREATE_ISSUES",
    "EDIT_ISSUES",
    "TRANSITION_ISSUES",
    "LINK_ISSUES",
    "ADD_COMMENTS",
    "DELETE_ISSUES",
    "ADMINISTER_PROJECTS",
    "ADMINISTER",
)
_SYSTEM_FIELDS = (
    ("summary", "Summary", "string"),
    ("status", "Status", "status"),
    ("issuetype", "Issue Type", "issuetype"),
    ("project", "Project", "project"),
    ("priority", "Priority", "priority"),
    ("labels", "Labels", "array"),
    ("fixVersions", "Fix versions", "array"),
    ("versions", "Affects versions", "array"),
    ("components", "Components", "array"),
    ("assignee", "Assignee", "user"),
    ("reporter", "Reporter", "user"),
    ("creator", "Creator", "user"),
    ("resolution", "Resolution", "resolution"),
    ("resolutiondate", "Resolved", "datetime"),
    ("created", "Created", "datetime"),
    ("updated", "Updated", "datetime"),
    ("duedate", "Due date", "date"),
    ("issuelinks", "Linked Issues", "array"),
    ("subtasks", "Sub-tasks", "array"),
    ("description", "Description", "string"),
    ("comment", "Comment", "comments-page"),
    ("security", "Security Level", "securitylevel"),
    ("parent", "Parent", "issuelink"),
    ("statuscategorychangedate", "Status Category Changed", "datetime"),
)
_CLAUSES = {
    "issuetype": ["issuetype", "type"],
    "fixVersions": ["fixVersion"],
    "versions": ["affectedVersion"],
    "components": ["component"],
    "duedate": ["due", "duedate"],
    "created": ["created", "createdDate"],
    "updated": ["updated", "updatedDate"],
    "security": ["level"],
    "resolutiondate": ["resolutiondate", "resolved"],
    "statuscategorychangedate": ["statusCategoryChangedDate"],
}
_CLOUD_ONLY = {"statuscategorychangedate"}


def fields(*, data_center: bool) -> list[Json]:
    """The answer of GET field. Data Center has no ``parent`` field of its own and no date of the category."""
    left_out = {*_CLOUD_ONLY, "parent"} if data_center else set()
    system = [_system_field(*row) for row in _SYSTEM_FIELDS if row[0] not in left_out]
    return [
        *system,
        custom_field(EPIC_LINK, "Epic Link", "any", "com.pyxis.greenhopper.jira:gh-epic-link"),
        custom_field(EPIC_NAME, "Epic Name", "string", "com.pyxis.greenhopper.jira:gh-epic-label"),
    ]


def _system_field(ident: str, name: str, type_: str) -> Json:
    schema: Json = {"type": type_, "system": ident}
    if type_ == "array":
        schema["items"] = "string" if ident == "labels" else ident.removesuffix("s")
    return {
        "id": ident,
        "key": ident,
        "name": name,
        "custom": False,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": _CLAUSES.get(ident, [ident]),
        "schema": schema,
    }


def custom_field(ident: str, name: str, type_: str, custom: str) -> Json:
    number = int(ident.removeprefix("customfield_"))
    return {
        "id": ident,
        "key": ident,
        "name": name,
        "untranslatedName": name,
        "custom": True,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": [f"cf[{number}]", name],
        "schema": {"type": type_, "custom": custom, "customId": number},
    }


def types(*, data_center: bool) -> dict[str, Json]:
    """Data Center tells no level of the hierarchy."""
    rows = {ident: shapes.issue_type(ident, name, level) for ident, name, level in TYPES}
    for row in rows.values() if data_center else ():
        del row["hierarchyLevel"]
    return rows


def priorities() -> dict[str, Json]:
    return {ident: shapes.named("priority", ident, name, iconUrl="") for ident, name in PRIORITIES}


def resolutions() -> dict[str, Json]:
    return {ident: shapes.named("resolution", ident, name, description="") for ident, name in RESOLUTIONS}


def link_types() -> dict[str, Json]:
    return {row[0]: shapes.link_type(*row) for row in LINK_TYPES}
