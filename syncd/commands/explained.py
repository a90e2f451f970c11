"""An explanation in a terminal: the document of ``syncd.explanation`` in lines, its texts as texts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from mapping.wording import moment
from syncd.commands.named import SHOWN
from syncd.commands.output import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

Told = dict[str, Any]


def say_explanation(document: Told, zone: tzinfo) -> None:
    words = _Words(zone, document["computed_at"])
    say(f"{document['name']}: {document['shown']}. {document['reason']}")
    evidence = f", evidence {document['evidence'][:SHOWN]}" if document["evidence"] else ""
    target = f", target {words.at(document['target'])}" if document["target"] else ""
    say(f"  computed {words.at(document['computed_at'])}{target}{evidence}")
    for record in document["records"]:
        say(f"  {words.record(record)}")
    for remark in document["remarks"]:
        say(f"  note: {remark}")
    silent = [gate for gate in document["gates"] if not gate["spoken_for"]] if len(document["gates"]) > 1 else []
    for gate in document["gates"]:
        if gate not in silent:
            say("")
            for line in words.gate(gate):
                say(line)
    if silent:
        say(f"\nNobody speaks yet for: {', '.join(sorted(gate['name'] for gate in silent))}.")


class _Words:
    """How the parts of a document read; times in one zone, with the year unless it is that of the judgement."""

    def __init__(self, zone: tzinfo, computed_at: str) -> None:
        self.zone = zone
        self.near = datetime.fromisoformat(computed_at)

    def at(self, time: str | None) -> str:
        return moment(datetime.fromisoformat(time), self.zone, self.near) if time else "never"

    def gate(self, gate: Told) -> Iterator[str]:
        unknown = ", CAN'T TELL" if gate["unknown"] and gate["state"] != "unknown" else ""
        advisory = "" if gate["required"] else ", advisory"
        yield f"{gate['name']} ({gate['id']}{advisory}): {gate['shown']}{unknown} since {self.at(gate['since'])}"
        yield f"  why: {gate['reason'] or 'nothing is missing'}"
        acts = f"; {gate['actor']} acts" if gate["actor"] else ""
        yield f"  owner: {gate['owner'] or 'nobody is known'}{acts}{self._until('; due', gate['due'])}"
        yield f"  done: {gate['done']} of {gate['total']}{self._until(', as read', gate['facts_at'])}"
        yield from (f"    {self._item(item)}" for item in gate["open"])
        yield from (f"  asked: {ask['who']}: {ask['what']}" for ask in gate["asks"])
        yield from dict.fromkeys(f"  source: {self._source(source)}" for source in gate["sources"])
        yield from (f"  hand-off: {self._handoff(it)}" for it in gate["handoffs"])
        yield f"  signature: {self._signature(gate)}"
        yield from (f"  waiver: {self._waiver(it)}" for it in gate["waivers"])
        yield from (f"  scope: {self._change(it)}" for it in gate["scope"])
        yield from (f"  said: {self.record(record)}" for record in gate["records"])

    def record(self, record: Told) -> str:
        who = f"{record['by']} " if record["by"] else ""
        back = f" (taken back {self.at(record['taken_back_at'])})" if record["taken_back_at"] else ""
        return f"{self.at(record['at'])}: {who}{record['what']}{back}"

    def _item(self, item: Told) -> str:
        title = f": {item['title']}" if item["title"] else ""
        return f"{item['key']} {item['status']}, {item['assignee'] or 'nobody'}{title}"

    def _source(self, source: Told) -> str:
        problem = f"; {source['problem']}" if source["problem"] else ""
        gone = f"; cannot be found: {', '.join(source['vanished'])}" if source["vanished"] else ""
        times = f"true {self.at(source['observed_at'])}, read completely {self.at(source['complete_at'])}"
        return f"{source['tracker']}, {times}{problem}{gone}"

    def _handoff(self, it: Told) -> str:
        leg = "dropped" if it["dropped"] else it["leg"].replace("_", " ")
        holder = f", with {it['holder']}" if it["holder"] else ""
        reason = f": {it['reason']}" if it["reason"] else ""
        return f"{it['from']} > {it['to']} {leg}{self._until(' since', it['since'])}{holder}{reason}"

    def _signature(self, gate: Told) -> str:
        signed = gate["signature"]
        if signed is None:
            return "missing" if gate["signature_needed"] else "none is needed"
        bound = f"bound to the facts {signed['facts'][:SHOWN]}" if signed["facts"] else "not bound to any facts yet"
        bound = "void, for the facts changed since" if signed["void"] else bound
        return f"{signed['by']}, {self.at(signed['at'])}{self._until(', good until', signed['expires_at'])}, {bound}"

    def _waiver(self, it: Told) -> str:
        others = [f"{what} by {it[key]}" for what, key in _OTHERS.items() if it[key]]
        reason = f": {it['reason']}" if it["reason"] else ""
        who = ", ".join([f"asked for by {it['by']}", *others])
        return f"{it['label']} of {it['item']} {it['state']} until {self.at(it['until'])}, {who}{reason}"

    def _change(self, it: Told) -> str:
        who = f" by {it['by']}" if it["by"] else ""
        to = f" to {it['to']}" if it["to"] else ""
        settled = f", admitted by {it['admitted_by']}" if it["admitted_by"] else ""
        return f"{it['key']} {it['kind']}{to}{who}{self._until(',', it['at'])}{settled}"

    def _until(self, words: str, time: str | None) -> str:
        return f"{words} {self.at(time)}" if time else ""


_OTHERS = {"approved": "approved_by", "denied": "denied_by"}
