"""Fifty prices worked step by step, from the catalogue's TOML and with exact decimals: `python by_hand.py` writes
`by_hand.json`. Nothing here asks the program; test_by_hand.py holds it against the result, and the steps against the TOML.
"""

import json
import random
from decimal import Decimal
from pathlib import Path

import grid
from catalogue import Offering, offerings

FILE = Path(__file__).parent / "by_hand.json"
SEED, MANY = 20261121, 50
MILLION = Decimal(1_000_000)

# A component, the usage it counts and what of that is counted apart, and its rate with what it costs as where it has none.
COMPONENTS = {
    "input": ("input", ("audio_input", "image_input"), ("input",)),
    "cache_read": ("cache_read", (), ("cache_read", "input")),
    "cache_write": ("cache_write", ("cache_write_1h",), ("cache_write", "input")),
    "cache_write_1h": ("cache_write_1h", (), ("cache_write_1h", "cache_write", "input")),
    "audio_input": ("audio_input", (), ("audio_input", "input")),
    "image_input": ("image_input", (), ("image_input", "input")),
    "output": ("output", ("reasoning", "audio_output", "image_output"), ("output",)),
    "reasoning": ("reasoning", (), ("reasoning", "output")),
    "audio_output": ("audio_output", (), ("audio_output", "output")),
    "image_output": ("image_output", (), ("image_output", "output")),
}


def period_at(offering: Offering, day: str) -> dict:
    """What holds on a day."""
    periods = sorted(offering.said["price"], key=lambda period: period.get("from", ""))
    begun = [period for period in periods if period.get("from", "") <= day]
    return (begun or periods[:1])[-1]


def worked(offering: Offering, usage: dict[str, int], day: str) -> tuple[list[str], Decimal]:
    """Each step, and their sum."""
    period = period_at(offering, day)
    prompt = sum(usage.get(part, 0) for part in ("input", "cache_read", "cache_write"))
    rates, steps, total = period["rates"], [], Decimal(0)
    for tier in sorted(period.get("above", []), key=lambda tier: tier["tokens"]):
        if prompt > tier["tokens"]:
            rates = tier["rates"]
            steps.append(f"{prompt} tokens of input are more than {tier['tokens']}: the dearer rates hold")
    for component, (counted, apart, names) in COMPONENTS.items():
        tokens = usage.get(counted, 0) - sum(usage.get(part, 0) for part in apart)
        if tokens:
            name = next(name for name in names if name in rates)
            cost = tokens * Decimal(rates[name]) / MILLION
            steps.append(f"{component}: {tokens} x {rates[name]} ({name}) / 1000000 = {plain(cost)}")
            total += cost
    if "per_request" in rates:
        steps.append(f"request: 1 x {rates['per_request']} = {rates['per_request']}")
        total += Decimal(rates["per_request"])
    steps.append("sum: " + " + ".join(step.rsplit("= ", 1)[1] for step in steps if "= " in step) + f" = {plain(total)}")
    return steps, total


def plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def write() -> None:
    draw = random.Random(SEED)
    drawn = []
    # On a Saturday at noon, when other hours' prices may hold: those that have any are left out, and tested elsewhere.
    known = [one for one in offerings() if not any("off_peak" in period for period in one.said["price"])]
    for offering in draw.sample(sorted(known, key=lambda one: one.name), MANY):
        usages = grid.usages({"large", "audio_input", "image_output"}, rush_hour=False)
        name = draw.choice(sorted(usages))
        usage, at = usages[name]
        steps, total = worked(offering, usage, at.date().isoformat())
        drawn.append(
            {
                "offering": offering.name,
                "usage": usage,
                "at": at.isoformat(),
                "steps": steps,
                "usd": plain(total),
            }
        )
    FILE.write_text(json.dumps(drawn, indent=1) + "\n")


if __name__ == "__main__":
    write()
