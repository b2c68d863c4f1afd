"""The openai package: text, whole and streamed; schemas, images, usage, ends."""

from __future__ import annotations

import pytest
from openai import ContentFilterFinishReasonError, OpenAI

import cases
from harness import Fake, World
from upstreams import Upstream


def test_plain(openai_client: OpenAI, world: World, fake: Fake, upstream: str, spoken: Upstream) -> None:
    raw = openai_client.chat.completions.with_raw_response.create(
        model=world.model(upstream, "text"),
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Hello, you."},
            {"role": "user", "content": [{"type": "text", "text": "Once more: grüße"}]},
        ],
        max_completion_tokens=500,
        temperature=0.5,
        stop=["END"],
        user="user-7",
    )
    completion = raw.parse()
    choice = completion.choices[0]
    assert choice.message.role == "assistant"
    assert choice.message.content == cases.TEXT
    assert choice.message.tool_calls is None
    assert choice.finish_reason == "stop"
    assert completion.object == "chat.completion"
    received = fake.only_request()
    assert cases.seen_openai_usage(completion.usage) == cases.openai_usage(spoken.writes(received["usage"]))
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (21, 7)
    assert raw.headers["x-request-id"]

    body = fake.body()
    cases.check_request(spoken, body)
    assert "user" not in spoken.tells or received["id"] == "user-7"
    if world.gateway is not None:
        record = world.gateway.record(raw.headers["x-request-id"])
        assert record["status"] == 200
        assert record["usage"]["input"] == 21 and record["usage"]["output"] == 7
        # 21 tokens at 1 USD per million and 7 at 2 USD.
        assert float(record["cost_usd"]) == 0.000035
        assert not record["estimate"] and not record["interrupted"]


def test_stream(openai_client: OpenAI, world: World, fake: Fake, upstream: str, spoken: Upstream, say) -> None:
    stream = openai_client.chat.completions.create(
        model=world.model(upstream, "text"), messages=say(), stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    texts = [c.choices[0].delta.content for c in chunks if c.choices and c.choices[0].delta.content]
    assert texts == cases.TEXT_CHUNKS
    ends = [c.choices[0].finish_reason for c in chunks if c.choices and c.choices[0].finish_reason]
    assert ends == ["stop"]
    assert len({c.id for c in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    reports = [c.usage for c in chunks if c.usage is not None]
    assert len(reports) == 1 and chunks[-1].usage is reports[0] and chunks[-1].choices == []
    assert cases.seen_openai_usage(reports[0]) == cases.openai_usage(spoken.writes(fake.only_request()["usage"]))


def test_stream_without_usage(openai_client: OpenAI, world: World, upstream: str, say) -> None:
    """A gateway asks for usage on its own account; a client that did not ask must not see any."""
    stream = openai_client.chat.completions.create(model=world.model(upstream, "text"), messages=say(), stream=True)
    chunks = list(stream)
    assert all(c.usage is None for c in chunks)
    assert all(c.choices for c in chunks)
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == cases.TEXT


def test_stream_helper(openai_client: OpenAI, world: World, upstream: str, say) -> None:
    with openai_client.chat.completions.stream(model=world.model(upstream, "text"), messages=say()) as stream:
        events = list(stream)
        final = stream.get_final_completion()
    assert "".join(event.delta for event in events if event.type == "content.delta") == cases.TEXT
    assert [event.content for event in events if event.type == "content.done"] == [cases.TEXT]
    assert final.choices[0].message.content == cases.TEXT
    assert final.choices[0].finish_reason == "stop"


def test_burst(openai_client: OpenAI, world: World, fake: Fake, upstream: str, say) -> None:
    stream = openai_client.chat.completions.create(
        model=world.model(upstream, "burst"), messages=say(), stream=True, max_completion_tokens=1000
    )
    texts = [c.choices[0].delta.content for c in stream if c.choices and c.choices[0].delta.content]
    assert len(texts) == 100
    assert texts[:5] == cases.COUNTED


def test_structured_output(openai_client: OpenAI, world: World, fake: Fake, upstream: str, say) -> None:
    completion = openai_client.chat.completions.parse(
        model=world.model(upstream, "structured-output"), messages=say(), response_format=cases.Trip
    )
    assert completion.choices[0].message.parsed == cases.TRIP
    assert completion.choices[0].finish_reason == "stop"


def test_structured_output_stream(openai_client: OpenAI, world: World, upstream: str, say) -> None:
    with openai_client.chat.completions.stream(
        model=world.model(upstream, "structured-output"), messages=say(), response_format=cases.Trip
    ) as stream:
        final = stream.until_done().get_final_completion()
    assert final.choices[0].message.parsed == cases.TRIP


def test_image(openai_client: OpenAI, world: World, upstream: str, spoken: Upstream) -> None:
    content = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{cases.PNG}"}},
    ]
    if spoken.opens_urls:
        content.append({"type": "image_url", "image_url": {"url": "https://images.invalid/cat.png", "detail": "low"}})
    completion = openai_client.chat.completions.create(
        model=world.model(upstream, "image"), messages=[{"role": "user", "content": content}]
    )
    by_url = "; url https://images.invalid/cat.png" if spoken.opens_urls else ""
    assert completion.choices[0].message.content == cases.PNG_SEEN + by_url


def test_usage_with_caching(openai_client: OpenAI, world: World, upstream: str, spoken: Upstream, say) -> None:
    expected = {
        "prompt_tokens": 2400,
        "completion_tokens": 4,
        "total_tokens": 2404,
        "cached_tokens": 2000,
        "reasoning_tokens": 0,
    }
    model = world.model(upstream, "cached")
    whole = openai_client.chat.completions.create(model=model, messages=say())
    assert cases.seen_openai_usage(whole.usage) == expected
    assert (whole.usage.prompt_tokens_details.cache_write_tokens or 0) == (300 if "cache_write" in spoken.tells else 0)
    stream = openai_client.chat.completions.create(
        model=model, messages=say(), stream=True, stream_options={"include_usage": True}
    )
    *_, last = stream
    assert cases.seen_openai_usage(last.usage) == expected


def test_length(openai_client: OpenAI, world: World, upstream: str, say) -> None:
    model = world.model(upstream, "length")
    whole = openai_client.chat.completions.create(model=model, messages=say())
    assert whole.choices[0].finish_reason == "length"
    stream = openai_client.chat.completions.create(model=model, messages=say(), stream=True)
    assert [c.choices[0].finish_reason for c in stream if c.choices][-1] == "length"


def test_output_bound_reaches_the_provider(
    openai_client: OpenAI, world: World, upstream: str, spoken: Upstream, say
) -> None:
    completion = openai_client.chat.completions.create(
        model=world.model(upstream, "count"), messages=say("[[tokens=50]]"), max_completion_tokens=5
    )
    bound = max(5, spoken.least_bound)
    words = completion.choices[0].message.content.split()
    assert (len(words), words[:5]) == (bound, "".join(cases.COUNTED).split())
    assert completion.choices[0].finish_reason == "length"
    assert completion.usage.completion_tokens == bound


def test_refusal(openai_client: OpenAI, world: World, upstream: str, spoken: Upstream, say) -> None:
    model = world.model(upstream, "refusal")
    message = openai_client.chat.completions.create(model=model, messages=say()).choices[0]
    if spoken.refusal == "nothing":
        assert (message.finish_reason, message.message.content) == ("stop", "I cannot help with that.")
    elif spoken.refusal == "words":
        assert (message.finish_reason, message.message.refusal) == ("stop", "I cannot help with that.")
        assert message.message.content is None
        parsed = openai_client.chat.completions.parse(model=model, messages=say(), response_format=cases.Trip)
        assert parsed.choices[0].message.parsed is None
    else:
        # Others say it with a stop reason, and OpenAI's clients know that one as an exception.
        assert (message.finish_reason, message.message.content) == ("content_filter", "I cannot help with that.")
        with pytest.raises(ContentFilterFinishReasonError):
            openai_client.chat.completions.parse(model=model, messages=say(), response_format=cases.Trip)
