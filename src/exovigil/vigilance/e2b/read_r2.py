"""Walking an E2B(R2) report: each value goes where the table says, those that need their neighbours come last."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from lxml import etree

from exovigil.vigilance.e2b.elements import by_id, levels_of_table
from exovigil.vigilance.e2b.model import NullFlavor
from exovigil.vigilance.e2b.r2 import Outcome, Tag, Upgraded, r2_codes, tags, translate
from exovigil.vigilance.e2b.r2_neighbours import FINISH, NUMBER, Said, finish_report
from exovigil.vigilance.e2b.record import Record

Chain = dict[str, Record]
_IDENTITY = {"reaction": "E.i.id", "drug": "G.k.id"}
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_OID, "2.16.840.1.113883.3.989")
# Of these a report has one, whatever number of R2 groups speak of them.
_ONCE = {"case", "sender", "patient", "study", "parent"}
# Words that R2 writes where R3 has a null flavour.
_WORDS = {
    "PRIVACY": (NullFlavor.MASKED,),
    "UNKNOWN": (NullFlavor.UNKNOWN, NullFlavor.ASKED_BUT_UNKNOWN),
}


def read_r2(root: etree._Element) -> Upgraded:
    """Upgrade an R2 message with all its reports."""
    walk = Walk(Record("batch", {"N.1.1": "1", "N.1.response": "D"}))
    walk.group(root, "", {"batch": walk.batch}, [])
    language = r2_codes()["language"].get((root.get("lang") or "")[:2].lower())
    for record in walk.batch.walk():
        if language and record.value("E.i.1.1a"):
            record.held["E.i.1.1b"] = language
    order = {path: place for place, path in enumerate(walk.order)}
    return Upgraded(walk.batch, tuple(sorted(walk.outcomes, key=lambda o: order[o.path, o.value])))


@dataclass(slots=True)
class Walk:
    """The batch being made, what became of each value, and what is done when a report is complete."""

    batch: Record
    outcomes: list[Outcome] = field(default_factory=list)
    order: dict[tuple[str, str], None] = field(default_factory=dict)
    later: list[tuple[str, Chain, list[Said]]] = field(default_factory=list)

    def tell(
        self, said: Said, fate: Literal["held", "changed", "lost"], element: str = "", note: str = ""
    ) -> None:
        """Write down what became of a value."""
        self.outcomes.append(Outcome(said.path, said.value, fate, element, note))

    def group(self, node: etree._Element, path: str, chain: Chain, special: list[Said]) -> None:
        """Read the children of a group; what needs its neighbours is added to ``special``."""
        terms: dict[str, Said] = {}
        for child in node:
            inner = f"{path}/{child.tag}".lstrip("/")
            tag = tags().get(inner)
            if tag is None:
                self._unknown(child, inner)
            elif tag.how == "group":
                self.group(child, inner, dict(chain), special)
            elif tag.how == "level":
                self._level(child, inner, tag, chain)
            else:
                self._leaf(child, inner, tag, chain, special, terms)
        self._terms(terms, chain)

    def put(self, said: Said, element: str, value: str | NullFlavor, chain: Chain, note: str = "") -> None:
        """Hold a value; a second one where one fits is lost."""
        held = self.place(by_id()[element].level, chain).held
        if element in held and held[element] != value:
            self.tell(said, "lost", element, "there is a value already, and only one fits")
            return
        held[element] = value
        same = value == said.value and not note
        self.tell(said, "held" if same else "changed", element, note)

    def place(self, level: str, chain: Chain) -> Record:
        """Give the record of a level, made where it is not there yet."""
        if level not in chain:
            around = self.place(levels_of_table()[level].parent, chain)
            known = around.inner.get(level) if level in _ONCE else None
            chain[level] = known[0] if known else around.add(level)
        return chain[level]

    def _level(self, node: etree._Element, path: str, tag: Tag, chain: Chain) -> None:
        inner = dict(chain)
        if tag.element == "message":
            inner = {"batch": self.batch}
        if tag.element not in _ONCE:
            inner.pop(tag.element, None)
        record = self.place(tag.element, inner)
        if tag.element in _IDENTITY:
            number = len(self.place(levels_of_table()[tag.element].parent, inner).inner[tag.element])
            report = f"{len(self.batch.inner['message'])}/{self.place('case', inner).value('C.1.1')}"
            record.held[_IDENTITY[tag.element]] = str(uuid.uuid5(_NAMESPACE, f"{report}/{path}/{number}"))
        special: list[Said] = []
        known = set(inner)
        self.group(node, path, inner, special)
        if not special and set(inner) == known and _is_empty(record):
            holder = self.place(levels_of_table()[tag.element].parent, inner).inner[tag.element]
            holder[:] = [other for other in holder if other is not record]
            return
        if path in FINISH:
            self.later.append((path, inner, special))
        if tag.element == "message":
            self._finish(inner, special)

    def _finish(self, chain: Chain, special: list[Said]) -> None:
        for path, finish in FINISH.items():
            for known, inner, said in self.later:
                if known == path:
                    finish(self, inner, said)
        self.later.clear()
        finish_report(self, chain, special)

    def _leaf(
        self,
        node: etree._Element,
        path: str,
        tag: Tag,
        chain: Chain,
        special: list[Said],
        terms: dict[str, Said],
    ) -> None:
        for inner in node:
            self._unknown(inner, f"{path}/{inner.tag}")
        said = Said(path, (node.text or "").strip(), tag)
        if not said.value:
            return
        self.order.setdefault((path, said.value))
        if tag.how == "frame":
            self.tell(said, "held", note="says something of the format only")
        elif tag.how == "lost":
            self.tell(said, "lost", note=tag.note)
        elif tag.how in {"special", "reactions"}:
            special.append(said)
        elif tag.how in {"version", "meddra"}:
            terms[tag.element] = said
        elif tag.how == "code":
            self._code(said, tag, chain)
        else:
            self._copy(said, tag, chain)

    def _copy(self, said: Said, tag: Tag, chain: Chain) -> None:
        row = by_id()[tag.element]
        if row.data_type == "number" and not NUMBER.fullmatch(said.value):
            self.tell(said, "lost", tag.element, "not a number")
            return
        for flavor in _WORDS.get(said.value.upper(), ()):
            if flavor.value in row.null_flavors:
                self.put(
                    said, tag.element, flavor, chain, f"the word becomes the null flavour {flavor.value}"
                )
                return
        self.put(said, tag.element, said.value, chain)

    def _code(self, said: Said, tag: Tag, chain: Chain) -> None:
        value = translate(tag.codes, said.value)
        if value is not None:
            self.put(said, tag.element, value, chain, tag.note)
        elif tag.codes == "route" and not said.value.isdigit():
            self.put(said, tag.element, said.value, chain)
        else:
            self.tell(
                said,
                "lost",
                tag.element,
                f"not one of the codes of E2B(R2): {', '.join(r2_codes()[tag.codes])}",
            )

    def _terms(self, terms: dict[str, Said], chain: Chain) -> None:
        """Hold MedDRA terms with their versions; words that are no code go elsewhere, a version alone nowhere."""
        for element, said in terms.items():
            term = terms.get(element[:-1] + "b")
            coded = term is not None and len(term.value) == 8 and term.value.isdigit()
            if said.tag.how == "version" and not coded:
                self.tell(said, "lost", element, "the version of a term that is not given as a code")
            elif coded:
                self.put(said, element, said.value, chain)
            elif said.tag.otherwise:
                self.put(said, said.tag.otherwise, said.value, chain, "words that are no MedDRA code")
            else:
                self.tell(said, "lost", element, said.tag.note or "not an eight-digit MedDRA code")

    def _unknown(self, node: etree._Element, path: str) -> None:
        for inner, value in _texts(node, path):
            self.order.setdefault((inner, value))
            self.outcomes.append(Outcome(inner, value, "lost", note="not a tag of E2B(R2) at this place"))


def _is_empty(record: Record) -> bool:
    """Say whether a repeated group said nothing, so that it needs no record."""
    if record.level in {*_ONCE, "message"}:
        return False
    return not record.inner and set(record.held) <= {_IDENTITY.get(record.level, "")}


def _texts(node: etree._Element, path: str) -> Iterator[tuple[str, str]]:
    for text in (node.text, *(child.tail for child in node)):
        if text and text.strip():
            yield path, text.strip()
    for child in node:
        yield from _texts(child, f"{path}/{child.tag}")
