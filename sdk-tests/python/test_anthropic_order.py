"""The anthropic package: chunks come one by one, and who hangs up stops the provider. Shown by the order of events: the
fake sends a chunk only after the test, having seen the one before, has released it."""

from __future__ import annotations

from anthropic import Anthropic

import cases
from harness import Fake, World
from upstreams import Upstream


def test_chunks_one_by_one(anthropic_client: Anthropic, world: World, fake: Fake, upstream: str, say) -> None:
    seen = 0
    for event in anthropic_client.messages.create(
        model=world.model(upstream, "gate"), max_tokens=500, messages=say("[[id=one gate=one]]"), stream=True
    ):
        if event.type != "content_block_delta":
            continue
        assert event.delta.text == cases.COUNTED[seen]
        seen += 1
        assert fake.only_request()["chunks_sent"] == seen, "the next chunk has not been sent yet"
        if seen < 3:
            fake.release("one")
    assert seen == 3
    assert fake.wait(id="one", ended=True)["end"] == "finished"


def test_hang_up(
    anthropic_client: Anthropic, world: World, fake: Fake, upstream: str, spoken: Upstream, say
) -> None:
    with anthropic_client.messages.stream(
        model=world.model(upstream, "gate"), max_tokens=500, messages=say("[[id=two gate=two tokens=9]]")
    ) as stream:
        assert next(iter(stream.text_stream)) == cases.COUNTED[0]
        headers = stream.response.headers
    left = fake.wait(id="two", ended=True)
    assert left["end"] == "hung_up"
    assert left["chunks_sent"] == 1, "nothing was generated for nobody"
    if world.gateway is not None:
        record = world.gateway.record(headers["x-request-id"])
        assert record["estimate"] != spoken.tells_so_far
        assert record["usage"]["input"] > 0 and record["usage"]["output"] > 0
        assert float(record["cost_usd"]) > 0
