"""The openai package: tool calls, one and several, whole and streamed, and the turn after them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai import OpenAI

import cases
from harness import Fake, World
from upstreams import Upstream


def tool(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": f"The {name}.", "parameters": schema, **more}}


WEATHER = tool("get_weather", cases.WEATHER)
CLOCK = tool("get_time", cases.CLOCK)
ANSWERS = {"get_weather": "sunny, 21 °C", "get_time": "noon"}


def answered(messages: list[Any], message: Any) -> list[Any]:
    """The next turn: the message as it came, and a result for each call."""
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": ANSWERS[call.function.name]}
        for call in message.tool_calls
    ]
    return [*messages, message, *results]


def expected_results(calls: list[Any]) -> str:
    return "Results: " + "; ".join(f"{call.id}={ANSWERS[call.function.name]}" for call in calls)


def test_tools(openai_client: OpenAI, world: World, fake: Fake, upstream: str, spoken: Upstream, say) -> None:
    model = world.model(upstream, "tools")
    first = openai_client.chat.completions.create(model=model, messages=say(), tools=[WEATHER])
    choice = first.choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content == (None if spoken.plans else "Let me look.")
    (call,) = choice.message.tool_calls
    assert (call.type, call.function.name) == ("function", "get_weather")
    assert json.loads(call.function.arguments) == cases.WEATHER_ARGUMENTS
    assert spoken.tools(fake.body()) == [("get_weather", cases.WEATHER)]

    second = openai_client.chat.completions.create(
        model=model, messages=answered(say(), choice.message), tools=[WEATHER]
    )
    assert second.choices[0].message.content == expected_results([call])
    assert second.choices[0].finish_reason == "stop"


def test_tools_stream(openai_client: OpenAI, world: World, upstream: str, spoken: Upstream, say) -> None:
    model = world.model(upstream, "tools")
    ids, names, arguments, text, ends = [], [], "", "", []
    for chunk in openai_client.chat.completions.create(model=model, messages=say(), tools=[WEATHER], stream=True):
        choice = chunk.choices[0]
        text += choice.delta.content or ""
        ends += [choice.finish_reason] if choice.finish_reason else []
        for call in choice.delta.tool_calls or []:
            assert call.index == 0
            ids += [call.id] if call.id else []
            names += [call.function.name] if call.function.name else []
            arguments += call.function.arguments or ""
    assert (len(ids), names, ends, text) == (1, ["get_weather"], ["tool_calls"], "" if spoken.plans else "Let me look.")
    assert json.loads(arguments) == cases.WEATHER_ARGUMENTS


def test_tools_stream_helper(openai_client: OpenAI, world: World, upstream: str, say) -> None:
    """The helper's accumulator builds the message that goes back in the next turn; strict tools are parsed."""
    model = world.model(upstream, "tools")
    strict = tool("get_weather", cases.WEATHER, strict=True)
    with openai_client.chat.completions.stream(model=model, messages=say(), tools=[strict]) as stream:
        done = [event for event in stream if event.type == "tool_calls.function.arguments.done"]
        message = stream.get_final_completion().choices[0].message
    assert [event.parsed_arguments for event in done] == [cases.WEATHER_ARGUMENTS]
    second = openai_client.chat.completions.create(model=model, messages=answered(say(), message), tools=[WEATHER])
    assert second.choices[0].message.content == expected_results(message.tool_calls)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_parallel_tools(openai_client: OpenAI, world: World, upstream: str, say, streamed: bool) -> None:
    model = world.model(upstream, "parallel-tools")
    tools = [WEATHER, CLOCK]
    if streamed:
        with openai_client.chat.completions.stream(model=model, messages=say(), tools=tools) as stream:
            message = stream.until_done().get_final_completion().choices[0].message
    else:
        message = openai_client.chat.completions.create(model=model, messages=say(), tools=tools).choices[0].message
    weather, clock = message.tool_calls
    assert weather.id != clock.id
    assert json.loads(weather.function.arguments) == cases.WEATHER_ARGUMENTS
    assert json.loads(clock.function.arguments) == cases.CLOCK_ARGUMENTS
    second = openai_client.chat.completions.create(model=model, messages=answered(say(), message), tools=tools)
    assert second.choices[0].message.content == expected_results([weather, clock])


def test_one_at_a_time(openai_client: OpenAI, world: World, upstream: str, spoken: Upstream, say) -> None:
    message = openai_client.chat.completions.create(
        model=world.model(upstream, "parallel-tools"),
        messages=say(),
        tools=[WEATHER, CLOCK],
        parallel_tool_calls=False,
    ).choices[0].message
    names = ["get_weather", "get_time"][: 1 if spoken.one_at_a_time else 2]
    assert [call.function.name for call in message.tool_calls] == names


def test_interleaved_arguments(openai_client: OpenAI, world: World, upstream: str, say) -> None:
    """Some providers stream the arguments of several calls in turns."""
    with openai_client.chat.completions.stream(
        model=world.model(upstream, "interleaved-tools"), messages=say(), tools=[WEATHER, CLOCK]
    ) as stream:
        message = stream.until_done().get_final_completion().choices[0].message
    seen = {call.function.name: json.loads(call.function.arguments) for call in message.tool_calls}
    assert seen == {"get_weather": cases.WEATHER_ARGUMENTS, "get_time": cases.CLOCK_ARGUMENTS}


@pytest.mark.parametrize("choice", ["auto", "none", "required", "named"])
def test_tool_choice(
    openai_client: OpenAI, world: World, fake: Fake, upstream: str, spoken: Upstream, say, choice: str
) -> None:
    named = {"type": "function", "function": {"name": "get_time"}}
    completion = openai_client.chat.completions.create(
        model=world.model(upstream, "tools"),
        messages=say(),
        tools=[WEATHER, CLOCK],
        tool_choice=named if choice == "named" else choice,
    )
    assert spoken.choice(fake.body()) == (("named", "get_time") if choice == "named" else (choice,))
    assert (completion.choices[0].message.content == cases.TEXT) == (choice == "none")
