import { expect, test } from "vitest";
import { UncachedDocumentQueue, type Release } from "./uncached-document-queue.ts";

const { signal } = new AbortController();
const large = (ip = "1.2.3.4") => ({ text: "x".repeat(20_000), ip, signal });

/** Enters documents until one has to wait. */
async function fill(documents: UncachedDocumentQueue): Promise<Release[]> {
  const inside: Release[] = [];
  for (;;) {
    const turn = documents.enter(large());
    const leave = await Promise.race([
      turn,
      new Promise<"waits">((resolve) => setImmediate(resolve, "waits")),
    ]);
    if (typeof leave !== "function") return inside;
    inside.push(leave);
  }
}

test("some fit in at once, the next waits for one to leave, and leaving twice makes room once", async () => {
  const documents = new UncachedDocumentQueue({ isPerAddress: true });
  const inside = await fill(documents);
  expect(inside.length).toBeGreaterThan(8);
  const order: number[] = [];
  const turns = [1, 2].map((at) => documents.enter(large()).then((leave) => (order.push(at), leave)));
  inside[0]?.();
  inside[0]?.();
  inside[1]?.();
  await turns[0];
  expect(order).toEqual([1]);
  inside[2]?.();
  expect(await turns[1]).toBeTypeOf("function");
});

test("a client that goes away waits no longer, and an address has 100 that wait at most", async () => {
  const documents = new UncachedDocumentQueue({ isPerAddress: true });
  await fill(documents);
  const gone = new AbortController();
  const turn = documents.enter({ ...large(), signal: gone.signal });
  gone.abort();
  expect(await turn).toBeUndefined();
  for (let at = 0; at < 99; at++) void documents.enter(large());
  expect(await documents.enter(large())).toBeUndefined();
  const others = documents.enter(large("5.6.7.8"));
  expect(await Promise.race([others, Promise.resolve("waits")])).toBe("waits");
});

test("small documents hardly count", async () => {
  const documents = new UncachedDocumentQueue({ isPerAddress: true });
  const small = { text: "{ products { id title } }", ip: "1.2.3.4", signal };
  const turns = await Promise.all(Array.from({ length: 1_000 }, () => documents.enter(small)));
  expect(turns.every((leave) => leave !== undefined)).toBe(true);
});
