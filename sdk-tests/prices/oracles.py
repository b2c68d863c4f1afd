"""The two packages that judge: what each knows of an offering, and what usage costs by it, by its own public function."""

import os
import re

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # its own copy of the prices; it fetches none

import warnings
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from functools import cache

import litellm
from genai_prices import Usage, data_snapshot
from genai_prices.types import TieredPrices
from litellm._internal_context import pinned_billing_time
from litellm.types.utils import (
    CacheCreationTokenDetails,
    CompletionTokensDetailsWrapper,
    PromptTokensDetailsWrapper,
)

from catalogue import Offering, known_as, providers

warnings.filterwarnings("ignore", module="genai_prices")


class LiteLlm:
    """`litellm.cost_per_token`, for names that stand in its price list themselves."""

    name = "litellm"
    # Where one file of providers is several for this package, it is called by the one before the hyphen.
    SPLIT = ("vertex_ai", "fireworks_ai")

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        for key, entry in litellm.model_cost.items():
            listed = entry.get("litellm_provider")
            if listed:
                self.entries[listed, key] = key
                head, _, rest = key.partition("/")
                if rest and (listed.startswith(head) or head in ("cohere", "bedrock")):
                    self.entries.setdefault((listed, rest), key)
        # Providers take names in any case, and lists write them in several.
        self.in_any_case: dict[tuple[str, str], str] = {}
        for (listed, name), key in self.entries.items():
            self.in_any_case.setdefault((listed, name.lower()), key)
        self.families = {entry["litellm_provider"] for entry in litellm.model_cost.values() if "litellm_provider" in entry}

    def listed(self, provider: str) -> list[str]:
        """What the package calls a provider, and the parts that it splits it into by the models' authors."""
        known = known_as(provider, "litellm")
        parts = [name for name in sorted(self.families) if name.partition("-")[0] in known and name.partition("-")[0] in self.SPLIT]
        return known + [part for part in parts if part not in known]

    def find(self, offering: Offering):
        for listed in self.listed(offering.provider):
            key = self.entries.get((listed, offering.wire_id))
            key = key or self.in_any_case.get((listed, offering.wire_id.lower()))
            if key and self._is_by_the_token(litellm.model_cost[key]):
                split = listed.partition("-")[0]
                return key, split if split in self.SPLIT else listed
        return None

    @staticmethod
    def _is_by_the_token(entry: dict) -> bool:
        named = ("input_cost_per_token", "output_cost_per_token", "tiered_pricing")
        return any(entry.get(name) for name in named)

    def rates(self, found) -> set[str]:
        entry = litellm.model_cost[found[0]]
        names = {
            "audio_input": "input_cost_per_audio_token",
            "audio_output": "output_cost_per_audio_token",
            "image_input": "input_cost_per_image_token",
            "image_output": "output_cost_per_image_token",
        }
        rates = {ours for ours, theirs in names.items() if entry.get(theirs)}
        if any("_above_" in name and "1hr" not in name for name in entry) or "tiered_pricing" in entry:
            rates.add("large")
        return rates | ({"off_peak"} if "off_peak_pricing" in entry else set())

    def price(self, found, usage: dict[str, int], at: datetime) -> Decimal:
        key, provider = found
        count = defaultdict(int, usage)
        written_1h = count["cache_write_1h"]
        written = CacheCreationTokenDetails(
            ephemeral_5m_input_tokens=count["cache_write"] - written_1h,
            ephemeral_1h_input_tokens=written_1h,
        )
        prompt = count["input"] + count["cache_read"] + count["cache_write"]
        said = litellm.Usage(
            prompt_tokens=prompt,
            completion_tokens=count["output"],
            total_tokens=prompt + count["output"],
            prompt_tokens_details=PromptTokensDetailsWrapper(
                text_tokens=count["input"] - count["audio_input"] - count["image_input"],
                cached_tokens=count["cache_read"],
                cache_creation_tokens=count["cache_write"],
                cache_creation_token_details=written if count["cache_write"] else None,
                audio_tokens=count["audio_input"],
                image_tokens=count["image_input"],
            ),
            completion_tokens_details=CompletionTokensDetailsWrapper(
                reasoning_tokens=count["reasoning"],
                audio_tokens=count["audio_output"],
                image_tokens=count["image_output"],
                text_tokens=count["output"]
                - count["reasoning"]
                - count["audio_output"]
                - count["image_output"],
            ),
        )
        with pinned_billing_time(at):
            parts = litellm.cost_per_token(
                model=key,
                custom_llm_provider=provider,
                prompt_tokens=prompt,
                completion_tokens=count["output"],
                usage_object=said,
            )
        return Decimal(parts[0]) + Decimal(parts[1])


class GenaiPrices:
    """genai-prices: its own matching of names, its own calculation."""

    name = "genai-prices"

    def __init__(self) -> None:
        self.snapshot = data_snapshot.get_snapshot()
        self.providers = {provider.id: provider for provider in self.snapshot.providers}

    def find(self, offering: Offering):
        listed = known_as(offering.provider, "genai_prices")
        found = [self.providers[name] for name in listed if name in self.providers]
        if not found:
            found = self.by_id_or_address(offering.provider)
        for provider in found:
            model = provider.find_model(offering.wire_id, all_providers=self.snapshot.providers)
            if model:
                return model, provider
        return None

    @cache
    def by_id_or_address(self, provider: str) -> list:
        """As the package itself finds a provider: by an id, else by the address that is called."""
        # An address may hold a variable, such as the name of a resource.
        address = re.sub(r"\$\{[^}]*\}", "resource", providers()[provider].get("base_url", ""))
        for by_id, by_address in ((provider, None), (None, address or None)):
            try:
                return [self.snapshot.find_provider(None, by_id, by_address)]
            except LookupError:
                continue
        return []

    def rates(self, found) -> set[str]:
        model, _ = found
        periods = model.prices if isinstance(model.prices, list) else [model]
        stated = {unit for period in periods for unit, price in vars(period.prices).items() if price}
        ranged = any(
            isinstance(price, TieredPrices) for period in periods for price in vars(period.prices).values()
        )
        names = {
            "audio_input": "input_audio_mtok",
            "audio_output": "output_audio_mtok",
            "image_input": "input_image_mtok",
            "image_output": "output_image_mtok",
        }
        rates = {ours for ours, theirs in names.items() if theirs in stated}
        return rates | ({"large"} if ranged else set())

    def price(self, found, usage: dict[str, int], at: datetime) -> Decimal:
        model, provider = found
        count = defaultdict(int, usage)
        said = {
            "input_tokens": count["input"] + count["cache_read"] + count["cache_write"],
            "output_tokens": count["output"],
            "cache_read_tokens": count["cache_read"],
            "cache_write_tokens": count["cache_write"],
            "cache_write_1h_tokens": count["cache_write_1h"],
            "input_audio_tokens": count["audio_input"],
            "output_audio_tokens": count["audio_output"],
            "input_image_tokens": count["image_input"],
            "output_image_tokens": count["image_output"],
            "output_reasoning_tokens": count["reasoning"],
        }
        said = {unit: number for unit, number in said.items() if number}
        return model.get_prices(at).calc_price(Usage(**said))["total_price"]
