"""The list of differences, `differences.toml`: read, checked, and written anew with `python differences.py`.

One entry is an offering and one reason: the usages that it is about, whose side is taken (`litellm`, `genai-prices`,
or `neither`), why, and the page that our price names as its source, with its date. Writing keeps every entry that still fits; for what is new it says why as far as a program can
tell, from what the lists state and from where our price comes, and leaves the rest to a person (`why = ""`, which no
test accepts). `--anew` keeps none.
"""

import sys
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "differences.toml"
HEAD = """\
# Where litellm and genai-prices differ from each other, or we from the one that knows an offering: the side that is taken,
# and why. `python differences.py` writes it anew (see there); README.md says how to read it.
"""


@dataclass
class Entry:
    offering: str
    usages: list[str]
    side: str
    why: str


def read() -> list[Entry]:
    if not FILE.exists():
        return []
    reasons = tomllib.loads(FILE.read_text())["reason"]
    return [
        Entry(offering, said["usages"], reason["side"], reason["why"])
        for reason in reasons
        for offering, said in reason["of"].items()
    ]


def side(case) -> str:
    return case.agrees_with[0] if case.agrees_with else "neither"


def expected() -> dict[tuple[str, str], list[str]]:
    """By offering and side: the usages that must be listed."""
    from compared import cases

    found = defaultdict(list)
    for case in cases():
        if case.must_be_listed:
            found[case.offering.name, side(case)].append(case.usage)
    return found


def write(keep: bool) -> None:
    from catalogue import offerings
    from reasons import reason

    known = {(one.offering, one.side, tuple(one.usages)): one.why for one in read()} if keep else {}
    grouped: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(dict)
    for (offering, taken), usages in expected().items():
        for why, some in reason(offering, taken, usages).items():
            why = known.get((offering, taken, tuple(some)), why)
            grouped[taken, why][offering] = some
    known_offerings = {one.name: one for one in offerings()}
    lines = [HEAD]
    for (taken, why), offerings in sorted(grouped.items()):
        lines += ["[[reason]]", f'side = "{taken}"', f'why = """{why}"""', "[reason.of]"]
        for offering, usages in sorted(offerings.items()):
            said = known_offerings[offering].said
            listed = ", ".join(f'"{usage}"' for usage in usages)
            lines.append(
                f'"{offering}" = {{ page = "{said["source"]}", date = "{said["date"]}", usages = [{listed}] }}'
            )
        lines.append("")
    FILE.write_text("\n".join(lines))


if __name__ == "__main__":
    write(keep="--anew" not in sys.argv)
