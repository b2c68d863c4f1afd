import { expect, it } from "vitest";
import { eventData } from "./eventStream";

const TEXT = ': keep-alive\n\ndata: {"a":"ü"}\n\nevent: x\r\ndata: one\r\ndata: two\r\n\r\ndata: [DONE]\n\n';
const EVENTS = ['{"a":"ü"}', "one\ntwo", "[DONE]"];

function inPieces(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
}

it.each([1, 2, 3, 7, 1000])("reads events from pieces of %d bytes", async (size) => {
  const found: string[] = [];
  for await (const data of eventData(inPieces(new TextEncoder().encode(TEXT), size))) found.push(data);
  expect(found).toEqual(EVENTS);
});
