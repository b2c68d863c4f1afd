"""Why we differ, as far as a program can tell: from what the judges' lists state, and from where our own price comes."""

from collections import defaultdict
from functools import cache

from decimal import Decimal

from catalogue import offerings
from oracles import GenaiPrices, LiteLlm, litellm  # first, so that litellm fetches nothing

from genai_prices.types import TieredPrices

# Usage to the dimension that it shows, and what stands for that dimension in the two lists.
DIMENSIONS = {
    "cache_read": ("cached input", "cache_read_input_token_cost", "cache_read_mtok"),
    "cached": ("cached input", "cache_read_input_token_cost", "cache_read_mtok"),
    "cache_write_1h": ("an hour of cache", "cache_creation_input_token_cost_above_1hr", "cache_write_1h_mtok"),
    "cache_write": ("writing to a cache", "cache_creation_input_token_cost", "cache_write_mtok"),
    "reasoning": ("reasoning", "output_cost_per_reasoning_token", "output_reasoning_mtok"),
    "audio_input": ("audio", "input_cost_per_audio_token", "input_audio_mtok"),
    "audio_output": ("audio", "output_cost_per_audio_token", "output_audio_mtok"),
    "image_input": ("pictures", "input_cost_per_image_token", "input_image_mtok"),
    "image_output": ("pictures", "output_cost_per_image_token", "output_image_mtok"),
}
LARGE = "large requests"
PLAIN = "input and output"
FALLS_BACK = {"an hour of cache": "as five minutes of it", "reasoning": "as other output"}


def reason(name: str, side: str, usages: list[str]) -> dict[str, list[str]]:
    """Usages by the reason."""
    facts = Facts.of(name)
    found = defaultdict(list)
    differs_plainly = {"input", "output", "both"} & set(usages)
    for usage in usages:
        dimension = PLAIN if differs_plainly else facts.dimension(usage)
        found[facts.told(dimension, usage, side)].append(usage)
    return found


class Facts:
    """What is stated about one offering."""

    @staticmethod
    @cache
    def judges():
        return LiteLlm(), GenaiPrices(), {one.name: one for one in offerings()}

    @classmethod
    def of(cls, name: str) -> "Facts":
        of_litellm, of_genai, known = cls.judges()
        facts = cls()
        facts.offering = known[name]
        entry, model = of_litellm.find(facts.offering), of_genai.find(facts.offering)
        facts.entry = litellm.model_cost[entry[0]] if entry else None
        facts.model, facts.listed_at = model or (None, None)
        return facts

    def units(self) -> dict:
        prices = self.model.prices
        last = prices[-1].prices if isinstance(prices, list) else prices
        return {unit: price for unit, price in vars(last).items() if price is not None}

    def dimension(self, usage: str) -> str:
        for begin, (dimension, *_) in DIMENSIONS.items():
            if usage.startswith(begin) and not (usage.startswith("cached") and self.tiers_differ()):
                return dimension
        return LARGE

    def tiers_differ(self) -> bool:
        return self.states(LARGE, "input_600k") in ((True, False), (False, True))

    def states(self, dimension: str, usage: str) -> tuple[bool | None, bool | None]:
        """Whether each list states a price for a dimension; `None` where it does not know the offering."""
        if dimension == LARGE:
            tiers = self.entry and any("_above_" in key and "1hr" not in key or key == "tiered_pricing" for key in self.entry)
            ranges = self.model and any(isinstance(price, TieredPrices) for price in self.units().values())
            return self._or_none(tiers, ranges)
        if dimension == PLAIN:
            return self._or_none(True, True)
        begin = next(begin for begin in DIMENSIONS if usage.startswith(begin))
        _, theirs, unit = DIMENSIONS[begin]
        stated = self.entry and self.entry.get(theirs) is not None
        return self._or_none(stated, self.model and unit in self.units())

    def _or_none(self, in_litellm, in_genai) -> tuple[bool | None, bool | None]:
        return (
            None if self.entry is None else bool(in_litellm),
            None if self.model is None else bool(in_genai),
        )

    def told(self, dimension: str, usage: str, side: str) -> str:
        stated = dict(zip(("litellm", "genai-prices"), self.states(dimension, usage)))
        silent = [judge for judge, says in stated.items() if says is False]
        stating = [judge for judge, says in stated.items() if says]
        otherwise = FALLS_BACK.get(dimension, "as ordinary input and output")
        if self.states_nothing(usage):
            said = (
                f"litellm's list has a price of nothing for {dimension}. A list's zero is no promise: it is billed as input."
            )
        elif len(stating) == 2:
            said = f"The two lists state different prices for {dimension}."
        elif stating and silent:
            said = f"{silent[0]} states no price for {dimension} and bills it {otherwise}; {stating[0]} states one."
        elif stating == ["litellm"] and self.offering.said.get("via") == "litellm":
            return f"Ours is what litellm's list states for {dimension}; its calculation for this provider comes to another sum."
        elif stating:
            said = f"Only {stating[0]} knows the offering; it states another price for {dimension}."
        else:
            return (
                f"{' and '.join(silent)}: no price for {dimension}, which is billed {otherwise}. Ours is that of another list "
                "which agrees on input and output, or follows from what the provider's page says for all models "
                "(catalog/rules.toml, ways)."
            )
        return f"{said} {self.ours(side)}"

    def states_nothing(self, usage: str) -> bool:
        keys = [keys for begin, (_, *keys) in DIMENSIONS.items() if usage.startswith(begin)]
        return bool(self.entry and keys and self.entry.get(keys[0][0]) == 0)

    def ours(self, side: str) -> str:
        via = self.offering.said.get("via")
        if via is None:
            return "Ours is kept by hand (catalog/hand), with this page as its source."
        if side == "neither" or via == "models.dev":
            return (
                "The provider's page was not read. Followed is models.dev, a third list, by the rules of catalog/README.md."
                if via == "models.dev"
                else f"Followed is {via}, by the rules of catalog/README.md; for other dimensions another list is."
            )
        if self.offering.said["source"].startswith("https://github.com"):
            return f"The provider's page was not read. Followed is {via}, by the rules of catalog/README.md: it says most."
        return f"The provider's page was not read. Followed is {via}, which cites it."
