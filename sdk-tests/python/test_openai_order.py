"""The openai package: chunks come one by one, and who hangs up stops the provider. Shown by the order of events: the
fake sends a chunk only after the test, having seen the one before, has released it."""

from __future__ import annotations

import openai
import pytest
from openai import OpenAI

import cases
from harness import Fake, World
from upstreams import Upstream


def test_chunks_one_by_one(openai_client: OpenAI, world: World, fake: Fake, upstream: str, say) -> None:
    stream = openai_client.chat.completions.create(
        model=world.model(upstream, "gate"), messages=say("[[id=one gate=one]]"), stream=True
    )
    seen = 0
    for chunk in stream:
        if not (chunk.choices and chunk.choices[0].delta.content):
            continue
        assert chunk.choices[0].delta.content == cases.COUNTED[seen]
        seen += 1
        assert fake.only_request()["chunks_sent"] == seen, "the next chunk has not been sent yet"
        if seen < 3:
            fake.release("one")
    assert seen == 3
    assert fake.wait(id="one", ended=True)["end"] == "finished"


def test_hang_up(openai_client: OpenAI, world: World, fake: Fake, upstream: str, spoken: Upstream, say) -> None:
    raw = openai_client.chat.completions.with_streaming_response.create(
        model=world.model(upstream, "gate"), messages=say("[[id=two gate=two tokens=9]]"), stream=True
    )
    with raw as response:
        for chunk in response.parse():
            if chunk.choices and chunk.choices[0].delta.content:
                break
        request_id = response.headers["x-request-id"]
    left = fake.wait(id="two", ended=True)
    assert left["end"] == "hung_up"
    assert left["chunks_sent"] == 1, "nothing was generated for nobody"
    if world.gateway is not None:
        record = world.gateway.record(request_id)
        assert record["estimate"] != spoken.tells_so_far
        assert record["usage"]["input"] > 0 and record["usage"]["output"] > 0
        assert float(record["cost_usd"]) > 0


@pytest.mark.gateway
def test_hang_up_before_an_answer(openai_client: OpenAI, world: World, fake: Fake, upstream: str, say) -> None:
    with pytest.raises(openai.APITimeoutError):
        openai_client.with_options(timeout=0.5).chat.completions.create(
            model=world.model(upstream, "never"), messages=say("[[id=three]]")
        )
    assert fake.wait(id="three", ended=True)["end"] == "hung_up"
