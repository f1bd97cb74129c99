import type { IncomingMessage, ServerResponse } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { compressed, type CompressOptions } from "./compress.ts";

const long = "a page of products ".repeat(100);

async function answer(accepted: string | undefined, body = long, options: CompressOptions = {}) {
  const set: Record<string, unknown> = {};
  const request = { headers: accepted === undefined ? {} : { "accept-encoding": accepted } };
  const response = { setHeader: (name: string, value: unknown) => void (set[name] = value) };
  const sent = await compressed(
    request as unknown as IncomingMessage,
    response as unknown as ServerResponse,
    body,
    options,
  );
  return { set, sent };
}

test.each([
  ["gzip, deflate, br, zstd", "br"],
  ["gzip", "gzip"],
  ["br;q=0, gzip", "gzip"],
  ["br;q=0.2, gzip;q=0.9", "gzip"],
  ["*", "br"],
])("%s gets %s, and less than is in it", async (accepted, encoding) => {
  const { set, sent } = await answer(accepted);
  expect(set).toEqual({ "content-encoding": encoding, vary: "accept-encoding" });
  const read = encoding === "br" ? brotliDecompressSync : gunzipSync;
  expect(read(sent as Buffer).toString()).toBe(long);
  expect(sent.length).toBeLessThan(200);
});

test.each([[undefined], ["identity"], ["br;q=0, gzip;q=0"], ["deflate"], ["zstd"]])(
  "%s gets the text itself",
  async (accepted) => {
    expect(await answer(accepted)).toEqual({ set: { vary: "accept-encoding" }, sent: long });
  },
);

test("what is short, or has a credential, is never compressed", async () => {
  expect(await answer("br, gzip", "x".repeat(1024))).toEqual({ set: {}, sent: "x".repeat(1024) });
  expect(await answer("br, gzip", long, { hasSecret: true })).toEqual({ set: {}, sent: long });
});

test("what never changes is compressed once for each encoding", async () => {
  const [one, two] = [await answer("br", long, { name: "a" }), await answer("br", long, { name: "a" })];
  expect(two.sent).toBe(one.sent);
  expect((await answer("gzip", long, { name: "a" })).sent).not.toBe(one.sent);
});
