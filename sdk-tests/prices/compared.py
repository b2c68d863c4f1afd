"""Every offering that a judge knows, priced by all three for the whole grid. Made once per run."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import grid
import ours
from catalogue import Offering, offerings
from oracles import GenaiPrices, LiteLlm


@dataclass(frozen=True)
class Case:
    """One usage of one offering: what it costs by each; `None` where a judge does not know the offering."""

    offering: Offering
    usage: str
    ours: Decimal | None
    litellm: Decimal | None
    genai_prices: Decimal | None

    @property
    def known(self) -> list[Decimal]:
        return [price for price in (self.litellm, self.genai_prices) if price is not None]

    @property
    def they_differ(self) -> bool:
        return len(self.known) == 2 and not same(*self.known)

    @property
    def agrees_with(self) -> list[str]:
        """Whom we agree with."""
        named = {"litellm": self.litellm, "genai-prices": self.genai_prices}
        return [
            name
            for name, price in named.items()
            if price is not None and self.ours is not None and same(self.ours, price)
        ]

    @property
    def must_be_listed(self) -> bool:
        return self.they_differ or not self.agrees_with


def same(one: Decimal, other: Decimal) -> bool:
    """Exactly: but for what binary floating point, in which litellm calculates, loses of sixteen digits."""
    return abs(one - other) <= Decimal("1e-12") * max(abs(one), abs(other))


@cache
def cases() -> list[Case]:
    judges = LiteLlm(), GenaiPrices()
    asked, heard = [], []
    for offering in offerings():
        found = [(judge, judge.find(offering)) for judge in judges]
        if not any(entry for _, entry in found):
            continue
        rates = set().union(*(judge.rates(entry) for judge, entry in found if entry))
        if any(one.get("above") for one in offering.said["price"]):
            rates.add("large")
        rush_hour = "off_peak" in rates or any("off_peak" in one for one in offering.said["price"])
        for name, (usage, at) in grid.usages(rates, rush_hour).items():
            said = [judge.price(entry, usage, at) if entry else None for judge, entry in found]
            asked.append((offering, usage, at))
            heard.append((offering, name, said))
    quotes = ours.quotes(asked)
    return [
        Case(offering, name, ours.cost(quote), *said)
        for (offering, name, said), quote in zip(heard, quotes)
    ]


@cache
def by_offering() -> dict[str, list[Case]]:
    grouped = defaultdict(list)
    for case in cases():
        grouped[case.offering.name].append(case)
    return grouped
