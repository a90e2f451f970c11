"""One gate, judged, with all that the verdict, the asks and the remarks are made from. Stays inside the rules."""

from __future__ import annotations

from dataclasses import dataclass

from mapping.case import Case
from mapping.finding import Finding
from mapping.memory import GateMemory
from mapping.readiness import GateReadiness, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    case: Case
    state: State
    findings: tuple[Finding, ...]
    memory: GateMemory
    readiness: GateReadiness
