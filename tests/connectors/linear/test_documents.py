"""Every document and every filter, against Linear's official schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    coerce_input_value,
    get_named_type,
    parse,
    type_from_ast,
    validate,
    visit,
)

import connectors.linear
from connectors.base import Convention, Selector
from connectors.linear import documents, related, rest, select, together
from syncd.sandbox.linear.cost import points
from syncd.sandbox.linear.schema import served

if TYPE_CHECKING:
    from graphql import DocumentNode

FILES = sorted(Path(connectors.linear.__file__).parent.glob("documents/*.graphql"))
WRITES = {"attachment_create", "comment_create", "issue_create", "issue_update", "relation_create"}
UNSTABLE = ("[internal]", "[alpha]", "[deprecated]")
ID = "4a84eb03-8d1f-49b7-8d2b-9deb1beb3711"
CONVENTION = Convention(project="DOC", release_id="atlas-2", release_name="Atlas 2.0", launch_key="REL-1")
FILTERS = [
    *(select.issue_filter(Selector(terms={key: "Atlas"})) for key in sorted(select.SELECTOR_KEYS - {"filter"})),
    *(select.issue_filter(Selector(terms={key: ID})) for key in sorted(select.SELECTOR_KEYS - {"filter"})),
    select.issue_filter(Selector(terms={"team": ["DOC", ID], "label": ["a", "b"], "filter": {"priority": {"eq": 1}}})),
    select.issue_filter(CONVENTION),
    select.issue_filter(CONVENTION, [ID]),
    select.below([top for _, top in select.tops(CONVENTION, ID)]),
    select.below([select.these([ID])]),
    select.carriers(CONVENTION, ID)["issue"],
    select.carriers(CONVENTION, "")["issue"],
    select.within(CONVENTION, select.these([ID])),
    *(found for key in ("REL-1", "a-b-12") if (found := select.keyed(key)) is not None),
    select.among(
        [ID], {"or": [{"updatedAt": {"gte": "2026-11-22T12:00:00Z"}}, {"archivedAt": {"gte": "2026-11-22T12:00:00Z"}}]}
    ),
]


class _Unstable(Visitor):
    """Collects the fields and arguments of a document that Linear may change at any time."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.found: list[str] = []

    def enter_field(self, node: Any, *_: Any) -> None:
        field = self.types.get_field_def()
        self._look(node.name.value, field)
        for argument in node.arguments or ():
            self._look(argument.name.value, field.args[argument.name.value] if field else None)

    def _look(self, name: str, member: Any) -> None:
        said = (member.description or "").lower()
        if member.deprecation_reason or any(word in said for word in UNSTABLE):
            self.found.append(name)


def _unstable_inputs(value: Any, kind: Any) -> list[str]:
    kind = get_named_type(kind)
    if isinstance(value, list):
        return [name for one in value for name in _unstable_inputs(one, kind)]
    if not isinstance(value, dict) or not isinstance(kind, GraphQLInputObjectType):
        return []
    bad = [name for name in value if any(word in (kind.fields[name].description or "").lower() for word in UNSTABLE)]
    return bad + [name for key, inner in value.items() for name in _unstable_inputs(inner, kind.fields[key].type)]


def _unstable(document: DocumentNode, schema: GraphQLSchema) -> list[str]:
    types = TypeInfo(schema)
    looking = _Unstable(types)
    visit(document, TypeInfoVisitor(types, looking))
    return looking.found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_linears_schema_accepts_the_document(file: Path, official: GraphQLSchema) -> None:
    assert validate(official, parse(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_document_uses_nothing_that_linear_calls_internal_alpha_or_deprecated(
    file: Path, official: GraphQLSchema
) -> None:
    assert _unstable(parse(file.read_text(encoding="utf-8")), official) == []


def test_what_linear_calls_deprecated_would_be_noticed(official: GraphQLSchema) -> None:
    wrong = parse("{ issues(first: 1, sort: []) { nodes { boardOrder summary { id } } } }")
    assert {"boardOrder", "summary", "sort"} <= set(_unstable(wrong, official))


@pytest.mark.parametrize("found", FILTERS, ids=str)
def test_linears_schema_accepts_the_filter(found: select.Filter, official: GraphQLSchema) -> None:
    kind = official.type_map["IssueFilter"]
    assert isinstance(kind, GraphQLInputObjectType)
    coerce_input_value(found, kind)
    assert _unstable_inputs(found, kind) == []


@pytest.mark.parametrize("name", ["items", "ids"])
@pytest.mark.parametrize("count", [1, 2, 7, together.MOST])
def test_linears_schema_accepts_several_queries_in_one_document(name: str, count: int, official: GraphQLSchema) -> None:
    document = documents.several(name, count)
    assert validate(official, parse(document.text)) == []
    assert _unstable(document.node, official) == []
    assert all(f"q{number}:" in document.text for number in range(count))


@pytest.mark.parametrize("kinds", [tuple(documents.LISTS), ("issue",), ("label",) * together.MOST])
def test_linears_schema_accepts_the_question_what_exists(kinds: tuple[str, ...], official: GraphQLSchema) -> None:
    document = documents.existing(kinds)
    assert validate(official, parse(document.text)) == []
    assert _unstable(document.node, official) == []


@pytest.mark.parametrize("shape", [together.ITEMS, together.IDS], ids=lambda shape: shape.document)
@pytest.mark.parametrize("most", [1, 250])
@pytest.mark.parametrize("count", [1, 2, 5, 8, 30, 100, 400])
def test_what_is_asked_together_stays_below_linears_points_and_is_reckoned_right(
    count: int, most: int, shape: together.Shape
) -> None:
    parts, first = together.fitting(shape, count, most, together.POINTS)
    document = documents.query(shape.document) if parts == 1 else documents.several(shape.document, parts)
    price = points(served(), document.node, None, {"first": first})
    assert 1 <= parts <= count
    assert 1 <= first <= min(most, 250)
    assert price <= 10_000
    assert abs(price - parts * (1.2 + first * shape.price)) <= 1


@pytest.mark.parametrize(
    ("name", "first"),
    [("details", 250), ("rest", rest.AT_ONCE), ("launches", related.LAUNCHES), ("below", 250), ("above", 250)],
)
def test_a_page_of_a_document_stays_below_linears_points(name: str, first: int) -> None:
    assert points(served(), documents.query(name).node, None, {"first": first}) <= 10_000


@pytest.mark.parametrize("key", sorted(select.SELECTOR_KEYS - {"filter"}))
def test_what_a_selector_names_can_be_asked_for(key: str, official: GraphQLSchema) -> None:
    operation = documents.existing((key,)).node.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    kind = type_from_ast(official, (operation.variable_definitions or ())[0].type)
    assert isinstance(kind, GraphQLInputObjectType)
    for value in ("Atlas", ID):
        asked = select.names(Selector(terms={key: value, "filter": {}}))
        assert set(asked) == {key}
        coerce_input_value(asked[key], kind)
        assert _unstable_inputs(asked[key], kind) == []


def test_what_the_writer_sends_is_in_linears_inputs(official: GraphQLSchema) -> None:
    sent = {
        "IssueCreateInput": {"id", "teamId", "stateId", "title", "description"},
        "IssueUpdateInput": {"stateId", "title", "description"},
        "AttachmentCreateInput": {"issueId", "title", "subtitle", "url", "metadata"},
        "IssueRelationCreateInput": {"id", "issueId", "relatedIssueId", "type"},
        "CommentCreateInput": {"id", "issueId", "body"},
    }
    for name, fields in sent.items():
        kind = official.type_map[name]
        assert isinstance(kind, GraphQLInputObjectType)
        assert fields <= set(kind.fields)
        assert _unstable_inputs(dict.fromkeys(fields), kind) == []


def test_only_the_five_writes_of_the_summary_are_mutations() -> None:
    assert {file.stem for file in FILES if "mutation " in file.read_text(encoding="utf-8")} == WRITES


@pytest.mark.parametrize("name", sorted(WRITES))
def test_a_reader_cannot_load_a_document_that_writes(name: str) -> None:
    with pytest.raises(ValueError, match="query"):
        documents.query(name)


@pytest.mark.parametrize("file", [file for file in FILES if file.stem not in WRITES], ids=lambda file: file.stem)
def test_a_document_that_reads_is_no_mutation(file: Path) -> None:
    with pytest.raises(ValueError, match="mutation"):
        documents.mutation(file.stem)


def test_an_id_is_not_taken_for_a_name_nor_a_name_for_an_id() -> None:
    assert select.named("label", ID) == {"id": {"eq": ID}}
    assert select.named("label", "atlas-2") == {"name": {"eqIgnoreCase": "atlas-2"}}
    assert select.named("team", "DOC") == {"or": [{"name": {"eqIgnoreCase": "DOC"}}, {"key": {"eqIgnoreCase": "DOC"}}]}


def test_several_terms_narrow() -> None:
    found = select.issue_filter(Selector(terms={"team": "DOC", "label": "atlas"}))
    assert found["and"] == [
        select.issue_filter(Selector(terms={key: value})) for key, value in (("label", "atlas"), ("team", "DOC"))
    ]
