"""The openai package: reasoning. OpenAI's own chat shows none; compatible providers write `reasoning_content`, which the
package keeps as an extra field of message and delta."""

from __future__ import annotations

import json

import pytest
from openai import OpenAI

import cases
from harness import Fake, World
from test_openai_tools import WEATHER, answered
from upstreams import Upstream


def test_reasoning(openai_client: OpenAI, world: World, fake: Fake, upstream: str, spoken: Upstream, say) -> None:
    if not spoken.thinks_aloud:
        pytest.skip("its thoughts are told only as a summary, to those who ask for one, and this client cannot")
    completion = openai_client.chat.completions.create(
        model=world.model(upstream, "reasoning"), messages=say(), reasoning_effort="low"
    )
    message = completion.choices[0].message
    assert message.reasoning_content == cases.THOUGHT
    assert message.content.startswith("The answer is 42.")
    usage = fake.only_request()["usage"]
    assert cases.seen_openai_usage(completion.usage) == cases.openai_usage(spoken.writes(usage))


def test_reasoning_stream(openai_client: OpenAI, world: World, fake: Fake, upstream: str, spoken: Upstream, say) -> None:
    if not spoken.thinks_aloud:
        pytest.skip("its thoughts are told only as a summary, to those who ask for one, and this client cannot")
    order, thought, text, usage = [], "", "", None
    for chunk in openai_client.chat.completions.create(
        model=world.model(upstream, "reasoning"),
        messages=say(),
        reasoning_effort="low",
        stream=True,
        stream_options={"include_usage": True},
    ):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            more = getattr(choice.delta, "reasoning_content", None)
            if more:
                thought += more
                order.append("thought")
            if choice.delta.content:
                text += choice.delta.content
                order.append("text")
    assert thought == cases.THOUGHT
    assert text.startswith("The answer is 42.")
    assert order == sorted(order, key=["thought", "text"].index), "thoughts come first"
    assert cases.seen_openai_usage(usage) == cases.openai_usage(spoken.writes(fake.only_request()["usage"]))


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_reasoning_second_turn(openai_client: OpenAI, world: World, upstream: str, spoken: Upstream, say, streamed: bool) -> None:
    """The message goes back as it came. Anthropic's API refuses a thought whose signature is missing or changed."""
    if not spoken.thinks_aloud:
        pytest.skip("its thoughts are told only as a summary, to those who ask for one, and this client cannot")
    asked = {
        "model": world.model(upstream, "reasoning"),
        "tools": [WEATHER],
        "reasoning_effort": "low",
    }
    if streamed:
        with openai_client.chat.completions.stream(messages=say(), **asked) as stream:
            message = stream.until_done().get_final_completion().choices[0].message
    else:
        message = openai_client.chat.completions.create(messages=say(), **asked).choices[0].message
    assert message.reasoning_content == cases.THOUGHT
    (call,) = message.tool_calls
    assert json.loads(call.function.arguments) == cases.WEATHER_ARGUMENTS
    second = openai_client.chat.completions.create(messages=answered(say(), message), **asked).choices[0].message
    assert second.reasoning_content == cases.SECOND_THOUGHT
    verified = spoken.verified()
    assert second.content == f"Results: {call.id}=sunny, 21 °C{verified}"
