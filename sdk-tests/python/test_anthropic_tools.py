"""The anthropic package: tool use, one and several, whole and streamed, and the turn after it."""

from __future__ import annotations

from typing import Any

import pytest
from anthropic import Anthropic

import cases
from harness import Fake, World
from test_anthropic_text import check_order
from upstreams import Upstream

WEATHER = {"name": "get_weather", "description": "The weather.", "input_schema": cases.WEATHER}
CLOCK = {"name": "get_time", "description": "The time.", "input_schema": cases.CLOCK}
ANSWERS = {"get_weather": "sunny, 21 °C", "get_time": "noon"}


def calls_of(message: Any) -> list[Any]:
    return [block for block in message.content if block.type == "tool_use"]


def answered(messages: list[Any], message: Any) -> list[Any]:
    """The next turn: the content as it came, and a result for each call."""
    results = [
        {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": ANSWERS[call.name]}]}
        for call in calls_of(message)
    ]
    return [*messages, {"role": "assistant", "content": message.content}, {"role": "user", "content": results}]


def expected_results(calls: list[Any]) -> str:
    return "Results: " + "; ".join(f"{call.id}={ANSWERS[call.name]}" for call in calls)


def test_tools(anthropic_client: Anthropic, world: World, fake: Fake, upstream: str, spoken: Upstream, say) -> None:
    asked = {"model": world.model(upstream, "tools"), "max_tokens": 500, "tools": [WEATHER]}
    first = anthropic_client.messages.create(messages=say(), **asked)
    assert first.stop_reason == "tool_use"
    said, call = first.content
    if spoken.plans:
        assert (said.type, said.thinking) == ("thinking", "Let me look.")
    else:
        assert (said.type, said.text) == ("text", "Let me look.")
    assert (call.type, call.name, call.input) == ("tool_use", "get_weather", cases.WEATHER_ARGUMENTS)
    assert spoken.tools(fake.body()) == [("get_weather", cases.WEATHER)]
    second = anthropic_client.messages.create(messages=answered(say(), first), **asked)
    assert second.content[0].text == expected_results([call])
    assert second.stop_reason == "end_turn"


def test_tools_stream(anthropic_client: Anthropic, world: World, upstream: str, spoken: Upstream, say) -> None:
    events = list(
        anthropic_client.messages.create(
            model=world.model(upstream, "tools"), max_tokens=500, messages=say(), tools=[WEATHER], stream=True
        )
    )
    check_order(events)
    starts = [event.content_block for event in events if event.type == "content_block_start"]
    assert [block.type for block in starts] == ["thinking" if spoken.plans else "text", "tool_use"]
    assert (starts[1].name, starts[1].input) == ("get_weather", {})
    assert events[-2].delta.stop_reason == "tool_use"


def test_tools_stream_helper(anthropic_client: Anthropic, world: World, upstream: str, say) -> None:
    """The helper's accumulator builds the message that goes back in the next turn."""
    asked = {"model": world.model(upstream, "tools"), "max_tokens": 500, "tools": [WEATHER]}
    with anthropic_client.messages.stream(messages=say(), **asked) as stream:
        message = stream.get_final_message()
    (call,) = calls_of(message)
    assert call.input == cases.WEATHER_ARGUMENTS
    second = anthropic_client.messages.create(messages=answered(say(), message), **asked)
    assert second.content[0].text == expected_results([call])


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_parallel_tools(anthropic_client: Anthropic, world: World, upstream: str, say, streamed: bool) -> None:
    asked = {"model": world.model(upstream, "parallel-tools"), "max_tokens": 500, "tools": [WEATHER, CLOCK]}
    if streamed:
        with anthropic_client.messages.stream(messages=say(), **asked) as stream:
            message = stream.get_final_message()
    else:
        message = anthropic_client.messages.create(messages=say(), **asked)
    weather, clock = calls_of(message)
    assert weather.id != clock.id
    assert (weather.input, clock.input) == (cases.WEATHER_ARGUMENTS, cases.CLOCK_ARGUMENTS)
    second = anthropic_client.messages.create(messages=answered(say(), message), **asked)
    assert second.content[0].text == expected_results([weather, clock])


def test_one_at_a_time(anthropic_client: Anthropic, world: World, upstream: str, spoken: Upstream, say) -> None:
    message = anthropic_client.messages.create(
        model=world.model(upstream, "parallel-tools"),
        max_tokens=500,
        messages=say(),
        tools=[WEATHER, CLOCK],
        tool_choice={"type": "auto", "disable_parallel_tool_use": True},
    )
    assert [call.name for call in calls_of(message)] == ["get_weather", "get_time"][: 1 if spoken.one_at_a_time else 2]


def test_interleaved_arguments(anthropic_client: Anthropic, world: World, upstream: str, say) -> None:
    """Some providers stream the arguments of several calls in turns; this dialect knows only one after the other."""
    events = list(
        anthropic_client.messages.create(
            model=world.model(upstream, "interleaved-tools"),
            max_tokens=500,
            messages=say(),
            tools=[WEATHER, CLOCK],
            stream=True,
        )
    )
    check_order(events)
    with anthropic_client.messages.stream(
        model=world.model(upstream, "interleaved-tools"), max_tokens=500, messages=say(), tools=[WEATHER, CLOCK]
    ) as stream:
        message = stream.get_final_message()
    seen = {call.name: call.input for call in calls_of(message)}
    assert seen == {"get_weather": cases.WEATHER_ARGUMENTS, "get_time": cases.CLOCK_ARGUMENTS}


@pytest.mark.parametrize("choice", ["auto", "none", "any", "named"])
def test_tool_choice(
    anthropic_client: Anthropic, world: World, fake: Fake, upstream: str, spoken: Upstream, say, choice: str
) -> None:
    asked = {"type": "tool", "name": "get_time"} if choice == "named" else {"type": choice}
    message = anthropic_client.messages.create(
        model=world.model(upstream, "tools"),
        max_tokens=500,
        messages=say(),
        tools=[WEATHER, CLOCK],
        tool_choice=asked,
    )
    expected = {"any": ("required",), "named": ("named", "get_time")}.get(choice, (choice,))
    assert spoken.choice(fake.body()) == expected
    assert (getattr(message.content[0], "text", None) == cases.TEXT) == (choice == "none")


def test_failed_tool(anthropic_client: Anthropic, world: World, fake: Fake, upstream: str, say) -> None:
    """A result marked as an error arrives as one where the provider's dialect can say so, and with its text always."""
    asked = {"model": world.model(upstream, "tools"), "max_tokens": 500, "tools": [WEATHER]}
    first = anthropic_client.messages.create(messages=say(), **asked)
    (call,) = calls_of(first)
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "no such city", "is_error": True}
    messages = [*say(), {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    second = anthropic_client.messages.create(messages=messages, **asked)
    assert "no such city" in second.content[0].text
