"""Comments in Linear's Markdown, as people see them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.linear.lines import lines, names
from mapping.plain import clean

DANA, LEE = "4a84eb03-8d1f-49b7-8d2b-9deb1beb3711", "ee4d5612-0752-441a-95cd-2a0de56689d3"
PEOPLE = {"dana.reyes": DANA, "lee": "nobody", "lee park": LEE}


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ("/ready docs", ["/ready docs"]),
        ("/ready docs\n\nas of today\\\nand  \nfor ever", ["/ready docs", "as of today", "and", "for ever"]),
        ("/waive DOC\\-1 docs\\>training not\\-ready a\\_b", ["/waive DOC-1 docs>training not-ready a_b"]),
        ("* /ready docs\n    * /not\n\n1. /go\n2) x\n- [ ] box", ["/ready docs", "/not", "/go", "x", "[ ] box"]),
        ("**/ready docs**", ["/ready docs"]),
        ("_/ready docs_\n\n***/go***", ["/ready docs", "/go"]),
        ("/hold **docs** for *us* and __you__", ["/hold docs for us and you"]),
        ("snake_case 2 * 3 * 4 \\*x\\* ** _", ["snake_case 2 * 3 * 4 *x* ** _"]),
        ("> /ready docs\n> /go\n\nThis?", ["This?"]),
        ("* > /go\n* yes", ["yes"]),
        ("\\> /go", ["> /go"]),
        ("Say:\n\n```\n/go\n```\nor not", ["Say:", "or not"]),
        ("~~~~\n~~~\n/go\n~~~~~\nout\n```\n/never closed", ["out"]),
        ("Say:\n\n    /go\n\n\t/go\n\nor not", ["Say:", "or not"]),
        ("Say\n    /go", ["Say", "/go"]),
        ("`/go` is what you write", ["`/go` is what you write"]),
        ("see ``a `b` *c*`` *d*", ["see ``a `b` *c*`` d"]),
        ("[docs.md](<http://docs.md>) [a \\[b\\]](https://x.example) <https://y.example>", ["docs.md a [b] https://y.example"]),
        ("![shot](<https://x.example/a.png>) after", ["after"]),
        ('<issue id="1" href="https://x.example">DOC-1</issue> is open', ["DOC-1 is open"]),
        ("&lt;b&gt; \\&lt; R&D &nosuch;", ["<b> &lt; R&D &nosuch;"]),
        ("# Title\n+++ More\n/go\n+++\n---\n* * *", ["Title", "More", "/go"]),
        ("a\u2060b \u202e c\x00d", ["ab  c d"]),
        ("", []),
        ("\n \n", []),
    ],
)  # fmt: skip
def test_each_line_reads_as_people_see_it(body: str, seen: list[str]) -> None:
    assert list(lines(body, {})) == seen


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ("/owner docs @dana.reyes please", f"/owner docs @[{DANA}] please"),
        ("@Dana.Reyes.", f"@[{DANA}]."),
        ("/owner docs @Lee Park.", f"/owner docs @[{LEE}]."),
        ("/owner docs @lee parker", "/owner docs @[nobody] parker"),
        ("@somebody else", "@somebody else"),
        ("mail dana.reyes@dana.reyes", "mail dana.reyes@dana.reyes"),
        ("https://linear.app/acme/profiles/dana.reyes, hello", f"@[{DANA}], hello"),
        ("<https://linear.app/acme/profiles/Lee%20Park?x=1> hello", f"@[{LEE}] hello"),
        ("[@dana.reyes](<https://linear.app/acme/profiles/dana.reyes>): hello", f"@[{DANA}]: hello"),
        ("[her](https://linear.app/acme/profiles/dana.reyes)", f"@[{DANA}]"),
        ('<user id="x">dana.reyes</user> hello', f"@[{DANA}] hello"),
        ("`@dana.reyes`", f"`@[{DANA}]`"),
    ],
)
def test_a_mention_reads_as_the_account_that_it_means(body: str, seen: str) -> None:
    assert lines(body, PEOPLE) == (seen,)
    assert bool(names(body) & PEOPLE.keys()) == ("@[" in seen)


MARKUP = st.text(st.sampled_from("ab1/@.-_*`~[]()<>!\\#+&;: \n\t\ue000é"), max_size=60)
ATOMS = st.lists(
    st.sampled_from(["https://x.y/z/profiles/a", "<user>", "</user>", "```", "> ", "* ", "](", "&lt;", "@a"])
)


@given(body=st.text() | MARKUP | st.tuples(MARKUP, ATOMS).map(lambda two: "".join([two[0], *two[1], two[0]])))
def test_any_text_is_read_line_by_line_without_anything_that_hides(body: str) -> None:
    for line in lines(body, PEOPLE):
        assert line == clean(line).strip() != ""


@pytest.mark.parametrize(
    "part",
    ["`", "` `` ", "[", "![", "<", "**a ", "](<", "@a ", "\\", "https://a/b/profiles/", "*", "_a", "&", "<user ", "- ",
     "-", " ", "> ", "[a](<b>", "@a.-", "#", "1", "`a\\", "[a\\](", "a@b", "\n", "```\n"],
)  # fmt: skip
def test_a_hostile_comment_takes_no_long_time(part: str) -> None:
    body = part * (100_000 // len(part))
    assert sum(map(len, lines(body, {}))) <= len(body)
    assert len(names(body)) < len(body)


@given(words=st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1))
def test_what_a_person_typed_reads_back(words: str) -> None:
    typed = clean(words).strip()
    escaped = "".join(f"\\{letter}" if letter in r"\`*_~[]<>#|-+.&!:" else letter for letter in typed)
    assert lines(escaped, {}) == ((typed,) if typed else ())
