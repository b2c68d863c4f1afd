"""The anthropic package: text, whole and streamed; schemas, images, usage, ends."""

from __future__ import annotations

from anthropic import Anthropic

import cases
from harness import Fake, World
from upstreams import Upstream


def test_plain(anthropic_url: str, world: World, fake: Fake, upstream: str, spoken: Upstream) -> None:
    client = Anthropic(base_url=anthropic_url, api_key=world.key, max_retries=0)
    raw = client.messages.with_raw_response.create(
        model=world.model(upstream, "text"),
        max_tokens=500,
        system=[{"type": "text", "text": "Be brief."}],
        messages=[
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Hello, you."},
            {"role": "user", "content": [{"type": "text", "text": "Once more: grüße"}]},
        ],
        # The package no longer names it; older models still take it.
        extra_body={"temperature": 0.5},
        stop_sequences=["END"],
        metadata={"user_id": "user-7"},
    )
    message = raw.parse()
    assert (message.type, message.role) == ("message", "assistant")
    assert [(block.type, block.text) for block in message.content] == [("text", cases.TEXT)]
    assert (message.stop_reason, message.stop_sequence) == ("end_turn", None)
    received = fake.only_request()
    assert cases.seen_anthropic_usage(message.usage) == cases.anthropic_usage(spoken.writes(received["usage"]))
    assert (message.usage.input_tokens, message.usage.output_tokens) == (21, 7)

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


def check_order(events: list) -> None:
    """The events of a stream in the order that the vendor documents: blocks one after the other, none left open."""
    kinds = [event.type for event in events]
    assert kinds[0] == "message_start" and kinds.count("message_start") == 1
    assert kinds[-2:] == ["message_delta", "message_stop"]
    block, following = None, 0
    for event in events[1:-2]:
        if event.type == "content_block_start":
            assert block is None and event.index == following
            block, following = event.index, following + 1
        elif event.type == "content_block_delta":
            assert event.index == block
        else:
            assert event.type == "content_block_stop" and event.index == block
            block = None
    assert block is None


def test_stream(anthropic_client: Anthropic, world: World, fake: Fake, upstream: str, say) -> None:
    events = list(
        anthropic_client.messages.create(
            model=world.model(upstream, "text"), max_tokens=500, messages=say(), stream=True
        )
    )
    check_order(events)
    texts = [event.delta.text for event in events if event.type == "content_block_delta"]
    assert texts == cases.TEXT_CHUNKS
    delta = events[-2]
    assert delta.delta.stop_reason == "end_turn"
    usage = fake.only_request()["usage"]
    assert delta.usage.output_tokens == usage["output"] == 7


def test_stream_helper(anthropic_client: Anthropic, world: World, fake: Fake, upstream: str, spoken: Upstream, say) -> None:
    with anthropic_client.messages.stream(
        model=world.model(upstream, "text"), max_tokens=500, messages=say()
    ) as stream:
        assert list(stream.text_stream) == cases.TEXT_CHUNKS
        final = stream.get_final_message()
        assert stream.get_final_text() == cases.TEXT
    assert final.stop_reason == "end_turn"
    assert cases.seen_anthropic_usage(final.usage) == cases.anthropic_usage(spoken.writes(fake.only_request()["usage"]))


def test_burst(anthropic_client: Anthropic, world: World, upstream: str, say) -> None:
    with anthropic_client.messages.stream(
        model=world.model(upstream, "burst"), max_tokens=1000, messages=say()
    ) as stream:
        texts = list(stream.text_stream)
    assert len(texts) == 100
    assert texts[:5] == cases.COUNTED


def test_structured_output(anthropic_client: Anthropic, world: World, upstream: str, say) -> None:
    message = anthropic_client.messages.parse(
        model=world.model(upstream, "structured-output"), max_tokens=500, messages=say(), output_format=cases.Trip
    )
    assert message.parsed_output == cases.TRIP
    assert message.stop_reason == "end_turn"


def test_structured_output_stream(anthropic_client: Anthropic, world: World, upstream: str, say) -> None:
    with anthropic_client.messages.stream(
        model=world.model(upstream, "structured-output"), max_tokens=500, messages=say(), output_format=cases.Trip
    ) as stream:
        final = stream.get_final_message()
    assert final.parsed_output == cases.TRIP


def test_image(anthropic_client: Anthropic, world: World, upstream: str, spoken: Upstream) -> None:
    inline = {"type": "base64", "media_type": "image/png", "data": cases.PNG}
    content = [
        {"type": "image", "source": inline},
        {"type": "text", "text": "What is this?"},
    ]
    if spoken.opens_urls:
        content.insert(1, {"type": "image", "source": {"type": "url", "url": "https://images.invalid/cat.png"}})
    message = anthropic_client.messages.create(
        model=world.model(upstream, "image"), max_tokens=500, messages=[{"role": "user", "content": content}]
    )
    by_url = "; url https://images.invalid/cat.png" if spoken.opens_urls else ""
    assert message.content[0].text == cases.PNG_SEEN + by_url


def test_usage_with_caching(
    anthropic_client: Anthropic, world: World, fake: Fake, upstream: str, spoken: Upstream, say
) -> None:
    expected = cases.anthropic_usage(spoken.writes({"input": 100, "cache_read": 2000, "cache_write": 300, "output": 4}))
    marker = {"type": "ephemeral"}
    asked = {
        "model": world.model(upstream, "cached"),
        "max_tokens": 500,
        "system": [{"type": "text", "text": "A long text.", "cache_control": marker}],
        "messages": say(),
    }
    whole = anthropic_client.messages.create(**asked)
    assert cases.seen_anthropic_usage(whole.usage) == expected
    if upstream == "anthropic":
        assert fake.body()["system"][0]["cache_control"] == marker
    with anthropic_client.messages.stream(**asked) as stream:
        final = stream.get_final_message()
    assert cases.seen_anthropic_usage(final.usage) == expected


def test_length(anthropic_client: Anthropic, world: World, upstream: str, say) -> None:
    asked = {"model": world.model(upstream, "length"), "max_tokens": 500, "messages": say()}
    assert anthropic_client.messages.create(**asked).stop_reason == "max_tokens"
    with anthropic_client.messages.stream(**asked) as stream:
        assert stream.get_final_message().stop_reason == "max_tokens"


def test_output_bound_reaches_the_provider(
    anthropic_client: Anthropic, world: World, upstream: str, spoken: Upstream, say
) -> None:
    message = anthropic_client.messages.create(
        model=world.model(upstream, "count"), messages=say("[[tokens=50]]"), max_tokens=5
    )
    bound = max(5, spoken.least_bound)
    words = message.content[0].text.split()
    assert (len(words), words[:5]) == (bound, "".join(cases.COUNTED).split())
    assert message.stop_reason == "max_tokens"
    assert message.usage.output_tokens == bound


def test_refusal(anthropic_client: Anthropic, world: World, upstream: str, spoken: Upstream, say) -> None:
    asked = {"model": world.model(upstream, "refusal"), "max_tokens": 500, "messages": say()}
    reason = "end_turn" if spoken.refusal == "nothing" else "refusal"
    message = anthropic_client.messages.create(**asked)
    assert (message.stop_reason, message.content[0].text) == (reason, "I cannot help with that.")
    with anthropic_client.messages.stream(**asked) as stream:
        final = stream.get_final_message()
    assert (final.stop_reason, final.content[0].text) == (reason, "I cannot help with that.")
