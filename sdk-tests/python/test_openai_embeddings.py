"""The openai package: embeddings."""

from __future__ import annotations

import openai
import pytest
from openai import OpenAI

from conftest import DIRECT
from harness import Fake, World


def test_embeddings(openai_client: OpenAI, world: World, fake: Fake) -> None:
    model = "embedder" if DIRECT else "fakeopenai/embedder"
    # The package asks for base64 by itself, and unpacks it.
    packed = openai_client.embeddings.create(model=model, input=["one two", "three"], dimensions=6)
    floats = openai_client.embeddings.create(
        model=model, input=["one two", "three"], dimensions=6, encoding_format="float"
    )
    assert [d.embedding for d in packed.data] == [d.embedding for d in floats.data]
    assert [(d.index, len(d.embedding)) for d in packed.data] == [(0, 6), (1, 6)]
    assert packed.data[0].embedding != packed.data[1].embedding
    assert (packed.usage.prompt_tokens, packed.usage.total_tokens) == (3, 3)
    assert [request["path"] for request in fake.requests()] == ["/v1/embeddings"] * 2
    if world.gateway is not None:
        raw = openai_client.embeddings.with_raw_response.create(model=model, input="one two three four")
        record = world.gateway.record(raw.headers["x-request-id"])
        assert record["usage"]["input"] == 4
        assert float(record["cost_usd"]) == 0.000004


@pytest.mark.gateway
def test_embeddings_need_a_model_that_embeds(openai_client: OpenAI, fake: Fake) -> None:
    with pytest.raises(openai.APIStatusError) as raised:
        openai_client.embeddings.create(model="fakeopenai/talker", input="x")
    assert 400 <= raised.value.status_code < 500
    assert fake.requests() == []
