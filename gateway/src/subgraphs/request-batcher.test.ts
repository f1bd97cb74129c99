import { describe, expect, test } from "vitest";
import { RequestBatcher } from "./request-batcher.ts";
import type { Exchange } from "./connection.ts";

/** A subgraph that answers when the test says so. */
function subgraph() {
  const sent: {
    body: string;
    identity: string;
    wasCancelled: boolean;
    answer(value?: unknown): void;
    fail(code: string): void;
  }[] = [];
  const reads = new RequestBatcher((body, identity): Exchange => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const exchange = {
      body,
      identity,
      wasCancelled: false,
      answer(value?: unknown) {
        const asked: unknown = JSON.parse(body);
        resolve(value ?? (Array.isArray(asked) ? asked.map((data: unknown) => ({ data })) : { data: asked }));
      },
      fail: (code: string) => reject(Object.assign(new Error(code), { code })),
    };
    sent.push(exchange);
    return { answer: promise, cancel: () => (exchange.wasCancelled = true) };
  });
  return { sent, reads };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const stays = new AbortController().signal;

describe("reads of one turn", () => {
  test("of one caller go as one array, in batches of at most 20, and each gets its own answer", async () => {
    const { sent, reads } = subgraph();
    const asked = Array.from({ length: 45 }, (_, index) => reads.read(String(index), "me", stays));
    await turn();
    expect(sent.map(({ body }) => (JSON.parse(body) as unknown[]).length)).toEqual([20, 20, 5]);
    for (const exchange of sent) exchange.answer();
    expect(await Promise.all(asked)).toEqual(asked.map((_, index) => ({ data: index })));
  });

  test("of two callers go apart", async () => {
    const { sent, reads } = subgraph();
    void reads.read("1", "me", stays);
    void reads.read("1", "you", stays);
    await turn();
    expect(sent.map(({ identity, body }) => [identity, body])).toEqual([
      ["me", "1"],
      ["you", "1"],
    ]);
  });

  test("that are refused as a whole all get the refusal", async () => {
    const { sent, reads } = subgraph();
    const asked = [reads.read("1", "me", stays), reads.read("2", "me", stays)];
    await turn();
    sent[0]?.answer({ errors: [{ message: "no" }] });
    expect(await Promise.all(asked)).toEqual([
      { errors: [{ message: "no" }] },
      { errors: [{ message: "no" }] },
    ]);
  });
});

describe("the same read under way", () => {
  test("is asked once, and its readers can't change each other's answer", async () => {
    const { sent, reads } = subgraph();
    const first = reads.read(`{"a":1}`, "me", stays);
    await turn();
    const second = reads.read(`{"a":1}`, "me", stays);
    await turn();
    expect(sent).toHaveLength(1);
    sent[0]?.answer();
    const [one, two] = (await Promise.all([first, second])) as { data: { a: number } }[];
    if (one) one.data.a = 2;
    expect(two).toEqual({ data: { a: 1 } });
  });

  test("is not given to who asks after a write", async () => {
    const { sent, reads } = subgraph();
    const before = reads.read("1", "me", stays);
    await turn();
    reads.stopSharing();
    const after = reads.read("1", "me", stays);
    await turn();
    expect(sent).toHaveLength(2);
    sent[0]?.answer({ data: "old" });
    sent[1]?.answer({ data: "new" });
    expect([await before, await after]).toEqual([{ data: "old" }, { data: "new" }]);
  });

  test("is cancelled when its last reader has gone, and can be asked anew", async () => {
    const { sent, reads } = subgraph();
    const [one, two] = [new AbortController(), new AbortController()];
    const asked = [one, two].map(({ signal }) => reads.read("1", "me", signal).catch(() => "gone"));
    await turn();
    one.abort();
    expect(sent[0]?.wasCancelled).toBe(false);
    two.abort();
    expect(sent[0]?.wasCancelled).toBe(true);
    expect(await Promise.all(asked)).toEqual(["gone", "gone"]);
    const anew = reads.read("1", "me", stays);
    await turn();
    sent[1]?.answer();
    expect(await anew).toEqual({ data: 1 });
  });
});

test("a read whose socket broke is tried once more; one that was refused a connection is not", async () => {
  const { sent, reads } = subgraph();
  const asked = reads.read("1", "me", stays);
  await turn();
  sent[0]?.fail("UND_ERR_SOCKET");
  await turn();
  sent[1]?.answer();
  expect(await asked).toEqual({ data: 1 });

  const refused = reads.read("2", "me", stays);
  await turn();
  sent[2]?.fail("ECONNREFUSED");
  await expect(refused).rejects.toThrow("ECONNREFUSED");
  expect(sent).toHaveLength(3);
});
