"""The anthropic package: thinking. From an OpenAI-compatible provider it is made of `reasoning_content`."""

from __future__ import annotations

import pytest
from anthropic import Anthropic

import cases
from harness import Fake, World
from test_anthropic_text import check_order
from test_anthropic_tools import WEATHER, answered, calls_of
from upstreams import Upstream

THINKING = {"type": "enabled", "budget_tokens": 2048}


def test_reasoning(anthropic_client: Anthropic, world: World, fake: Fake, upstream: str, spoken: Upstream, say) -> None:
    if not spoken.thinks_aloud:
        pytest.skip("its thoughts are told only as a summary, to those who ask for one, and this client cannot")
    message = anthropic_client.messages.create(
        model=world.model(upstream, "reasoning"), max_tokens=8000, messages=say(), thinking=THINKING
    )
    thought, *proof, text = message.content
    assert (thought.type, thought.thinking) == ("thinking", cases.THOUGHT)
    assert [(block.type, block.thinking) for block in proof] == [("thinking", "")] * spoken.proof_apart
    assert isinstance(thought.signature, str)
    assert text.text.startswith("The answer is 42.")
    assert message.stop_reason == "end_turn"
    usage = fake.only_request()["usage"]
    assert cases.seen_anthropic_usage(message.usage) == cases.anthropic_usage(spoken.writes(usage))


def test_reasoning_stream(anthropic_client: Anthropic, world: World, upstream: str, spoken: Upstream, say) -> None:
    if not spoken.thinks_aloud:
        pytest.skip("its thoughts are told only as a summary, to those who ask for one, and this client cannot")
    events = list(
        anthropic_client.messages.create(
            model=world.model(upstream, "reasoning"),
            max_tokens=8000,
            messages=say(),
            thinking=THINKING,
            stream=True,
        )
    )
    check_order(events)
    deltas = [event.delta for event in events if event.type == "content_block_delta"]
    assert "".join(delta.thinking for delta in deltas if delta.type == "thinking_delta") == cases.THOUGHT
    assert "".join(delta.text for delta in deltas if delta.type == "text_delta").startswith("The answer is 42.")
    kinds = [event.content_block.type for event in events if event.type == "content_block_start"]
    assert set(kinds) == {"thinking", "text"} and kinds[0] == "thinking"


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_reasoning_second_turn(anthropic_client: Anthropic, world: World, upstream: str, spoken: Upstream, say, streamed: bool) -> None:
    """The content goes back as it came. Anthropic's API refuses a thought whose signature is missing or changed."""
    if not spoken.thinks_aloud:
        pytest.skip("its thoughts are told only as a summary, to those who ask for one, and this client cannot")
    asked = {
        "model": world.model(upstream, "reasoning"),
        "max_tokens": 8000,
        "tools": [WEATHER],
        "thinking": THINKING,
    }
    if streamed:
        with anthropic_client.messages.stream(messages=say(), **asked) as stream:
            message = stream.get_final_message()
    else:
        message = anthropic_client.messages.create(messages=say(), **asked)
    assert [block.type for block in message.content] == ["thinking"] * (1 + spoken.proof_apart) + ["tool_use"]
    assert message.content[0].thinking == cases.THOUGHT
    (call,) = calls_of(message)
    assert call.input == cases.WEATHER_ARGUMENTS
    second = anthropic_client.messages.create(messages=answered(say(), message), **asked)
    thought, *_, text = second.content
    assert thought.thinking == cases.SECOND_THOUGHT
    verified = spoken.verified()
    assert text.text == f"Results: {call.id}=sunny, 21 °C{verified}"
