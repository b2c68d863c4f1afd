"""The two packages that judge: what each knows of an offering, and what usage costs by it, by its own public function."""

import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # its own copy of the prices; it fetches none

import warnings
from collections import defaultdict
from datetime import datetime
from decimal import Decimal

import litellm
from genai_prices import Usage, data_snapshot
from genai_prices.types import TieredPrices
from litellm._internal_context import pinned_billing_time
from litellm.types.utils import (
    CacheCreationTokenDetails,
    CompletionTokensDetailsWrapper,
    PromptTokensDetailsWrapper,
)

from catalogue import Offering, known_as

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

    def find(self, offering: Offering):
        for listed in known_as(offering.provider, "litellm"):
            key = self.entries.get((listed, offering.wire_id))
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
            try:
                found = [self.snapshot.find_provider(None, offering.provider, None)]
            except LookupError:
                return None
        for provider in found:
            model = provider.find_model(offering.wire_id, all_providers=self.snapshot.providers)
            if model:
                return model, provider
        return None

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
