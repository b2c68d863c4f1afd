#!/usr/bin/env python3
"""Writes the prices of the installed package genai-prices as JSON, for `tollgate catalog build`.

Names that only a pattern matches are left out; what depends on the hour is, too.
"""

import json
import sys
from decimal import Decimal

from genai_prices.data import providers
from genai_prices.types import (
    ClauseEquals,
    ClauseOr,
    ConditionalPrice,
    StartDateConstraint,
    TieredPrices,
)


def names(clause):
    if isinstance(clause, ClauseEquals):
        return [clause.equals]
    if isinstance(clause, ClauseOr):
        return [name for part in clause.or_ for name in names(part)]
    return []


def period(price, start=None):
    base, tiers = {}, {}
    for unit, value in vars(price).items():
        if unit.startswith("_") or value is None:
            continue
        if isinstance(value, TieredPrices):
            base[unit] = value.base
            for tier in value.tiers:
                tiers.setdefault(tier.start, {})[unit] = tier.price
        elif isinstance(value, Decimal):
            base[unit] = value
    above = [{"tokens": start, "rates": {**base, **rates}} for start, rates in sorted(tiers.items())]
    return {"from": start, "rates": base, "above": above}


def periods(prices):
    if not isinstance(prices, list):
        return [period(prices)]
    found = []
    for one in prices:
        if isinstance(one, ConditionalPrice):
            if one.constraint is None:
                found.append(period(one.prices))
            elif isinstance(one.constraint, StartDateConstraint):
                found.append(period(one.prices, one.constraint.start_date.isoformat()))
            else:
                return []
    return sorted(found, key=lambda one: one["from"] or "")


def walk(value):
    if isinstance(value, dict):
        return {key: walk(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [walk(inner) for inner in value]
    return format(value, "f") if isinstance(value, Decimal) else value


lines = [
    {
        "provider": provider.id,
        "source": (provider.pricing_urls or [None])[0],
        "id": model.id,
        "names": sorted({model.id, *names(model.match)}),
        "periods": periods(model.prices),
    }
    for provider in providers
    for model in provider.models
]
json.dump(walk(lines), sys.stdout, indent=1)
