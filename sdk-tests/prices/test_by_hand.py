"""The fifty prices of by_hand.json: what the steps say is right, is what the catalogue says, and is what the program says."""

import json
import re
from datetime import datetime
from decimal import Decimal

import ours
from by_hand import FILE, MANY, period_at
from catalogue import offerings

STEP = re.compile(r"(\w+): (\d+) x ([\d.]+) \((\w+)\) / 1000000 = ([\d.]+)")


def drawn() -> list[dict]:
    return json.loads(FILE.read_text())


def test_the_program_agrees_with_what_was_worked_by_hand():
    known = {one.name: one for one in offerings()}
    asked = drawn()
    assert len(asked) == MANY
    cases = [(known[one["offering"]], one["usage"], datetime.fromisoformat(one["at"])) for one in asked]
    said = ours.quotes(cases)
    wrong = [
        (one["offering"], one["usd"], quote.get("cost_usd"))
        for one, quote in zip(asked, said)
        if quote.get("cost_usd") != one["usd"]
    ]
    assert not wrong
    for one, quote in zip(asked, said):
        for step in filter(None, map(STEP.fullmatch, one["steps"])):
            component, *_, cost = step.groups()
            assert quote["breakdown"].get(component, "0") == cost, (one["offering"], component)


def test_every_step_is_right_and_its_rate_is_the_catalogues():
    known = {one.name: one for one in offerings()}
    for one in drawn():
        period = period_at(known[one["offering"]], one["at"][:10])
        sets = [period["rates"], *(tier["rates"] for tier in period.get("above", []))]
        costs = []
        for step in filter(None, map(STEP.fullmatch, one["steps"])):
            _, tokens, rate, name, cost = step.groups()
            assert any(rates.get(name) == rate for rates in sets), (one["offering"], step[0])
            assert Decimal(tokens) * Decimal(rate) / 1_000_000 == Decimal(cost), step[0]
            costs.append(Decimal(cost))
        once = [Decimal(step.rsplit("= ")[1]) for step in one["steps"] if step.startswith("request: ")]
        assert sum(costs + once) == Decimal(one["usd"]), one["offering"]
