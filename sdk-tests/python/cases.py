"""What the fake says in its scenarios, for tests to compare with. See `crates/testkit` for the fake itself."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from upstreams import Upstream, at

TEXT = 'Hello from the fake provider: grüße, "世界"\n 🌍.'
TEXT_CHUNKS = ["Hello", " from", " the fake", " provider:", " grüße,", ' "世界"\n', " 🌍."]
TEXT_USAGE = {"input": 21, "output": 7}
THOUGHT = 'The user wants grüße;\nI should be "brief".'
SECOND_THOUGHT = "Now I know the result."
COUNTED = [" the", " river", " was", " quiet", " and"]
ERROR_400 = "Invalid 'temperature': the fake provider refuses this request."
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
PNG_SEEN = "Seen: image/png 70 bytes"

WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
WEATHER_ARGUMENTS = {"city": 'a "city"\nin Zürich 🌍', "days": 7}
CLOCK = {"type": "object", "properties": {"zone": {"enum": ["CET", "UTC"]}}, "required": ["zone"]}
CLOCK_ARGUMENTS = {"zone": "CET"}


class Leg(BaseModel):
    to: str
    hours: float


class Trip(BaseModel):
    """What structured answers are parsed into."""

    name: str
    mode: Literal["train", "boat"]
    days: int
    legs: list[Leg]


TRIP = Trip(
    name='a "name"\nin Zürich 🌍',
    mode="train",
    days=7,
    legs=[Leg(to='a "to"\nin Zürich 🌍', hours=1.5)],
)


def openai_usage(usage: dict[str, int]) -> dict[str, int]:
    """The fake's report in OpenAI's convention: prompt tokens contain cached ones."""
    prompt = usage["input"] + usage["cache_read"] + usage["cache_write"]
    return {
        "prompt_tokens": prompt,
        "completion_tokens": usage["output"],
        "total_tokens": prompt + usage["output"],
        "cached_tokens": usage["cache_read"],
        "reasoning_tokens": usage["reasoning"],
    }


def seen_openai_usage(usage: Any) -> dict[str, int]:
    prompt, completion = usage.prompt_tokens_details, usage.completion_tokens_details
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "cached_tokens": (prompt.cached_tokens if prompt else None) or 0,
        "reasoning_tokens": (completion.reasoning_tokens if completion else None) or 0,
    }


def anthropic_usage(usage: dict[str, int]) -> dict[str, int]:
    """The fake's report in Anthropic's convention: input tokens leave out cached ones."""
    return {
        "input_tokens": usage["input"],
        "cache_read_input_tokens": usage["cache_read"],
        "cache_creation_input_tokens": usage["cache_write"],
        "output_tokens": usage["output"],
    }


def seen_anthropic_usage(usage: Any) -> dict[str, int]:
    return {
        "input_tokens": usage.input_tokens,
        "cache_read_input_tokens": usage.cache_read_input_tokens or 0,
        "cache_creation_input_tokens": usage.cache_creation_input_tokens or 0,
        "output_tokens": usage.output_tokens,
    }


def check_request(spoken: Upstream, body: dict[str, Any]) -> None:
    """A request that asked for all of these, as it reached the provider."""
    assert spoken.system(body) == "Be brief."
    assert "Once more: grüße" in str(body)
    assert at(body, spoken.temperature) == 0.5
    assert not spoken.stop or at(body, spoken.stop) == ["END"]
    assert 500 in (at(body, spoken.bound), body.get("max_tokens"))
