"""Our price function against two others, over every offering that at least one of them knows."""

from collections import Counter

import differences
from compared import by_offering, cases


def counts() -> dict[str, int]:
    """What was compared."""
    known = Counter()
    models = set()
    for name, of_offering in by_offering().items():
        first = of_offering[0]
        models.add((first.offering.model, first.offering.provider))
        both = len(first.known) == 2
        known["both" if both else "litellm" if first.litellm is not None else "genai-prices"] += 1
    of_both = [case for case in cases() if len(case.known) == 2]
    differing = [case for case in of_both if case.they_differ]
    return {
        "offerings compared (a provider's name of a model)": len(by_offering()),
        "  of so many models at providers": len(models),
        "  known to both judges": known["both"],
        "  known to litellm alone": known["litellm"],
        "  known to genai-prices alone": known["genai-prices"],
        "usages priced": len(cases()),
        "  where we agree with a judge": sum(bool(case.agrees_with) for case in cases()),
        "usages that both judges price": len(of_both),
        "  where they differ from each other": len(differing),
        "    we agree with litellm": sum("litellm" in case.agrees_with for case in differing),
        "    we agree with genai-prices": sum("genai-prices" in case.agrees_with for case in differing),
        "    we agree with neither": sum(not case.agrees_with for case in differing),
        "  where they agree, and we do not": sum(
            not case.they_differ and not case.agrees_with for case in of_both
        ),
    }


def test_enough_is_compared(capsys):
    found = counts()
    with capsys.disabled():
        print()
        for what, number in found.items():
            print(f"{number:7} {what}")
    assert found["offerings compared (a provider's name of a model)"] >= 1500
    assert found["  of so many models at providers"] >= 1500
    assert found["  known to both judges"] >= 900


def test_we_agree_with_one_of_two_on_all_but_one_in_a_hundred():
    of_both = [case for case in cases() if len(case.known) == 2]
    alone = [case for case in of_both if not case.agrees_with]
    assert len(alone) * 100 <= len(of_both), [(case.offering.name, case.usage) for case in alone]


def test_every_difference_is_listed_with_the_side_taken_and_why():
    listed: dict[tuple[str, str], list[str]] = {}
    for entry in differences.read():
        assert len(entry.why.strip()) >= 20, f"{entry.offering}: say why"
        listed.setdefault((entry.offering, entry.side), []).extend(entry.usages)
    expected = differences.expected()
    new = {key: usages for key, usages in expected.items() if sorted(usages) != sorted(listed.get(key, []))}
    gone = [key for key in listed if key not in expected]
    assert not new, f"not listed, or otherwise: {list(new.items())[:20]}"
    assert not gone, f"no difference any more: {gone[:20]}"


def test_nothing_that_is_priced_by_others_is_unpriced_here():
    assert [case.offering.name for case in cases() if case.ours is None] == []
