import { expect, test } from "vitest";
import { BadMessage, inOrderOfIds } from "./operation-ids.ts";

const subscribe = (id: string) => JSON.stringify({ type: "subscribe", id, payload: { query: "…" } });
const complete = (id: string) => JSON.stringify({ type: "complete", id });

/** Stands in for graphql-ws: an operation is over when its test ends it. */
function socket() {
  const handled: string[] = [];
  const ends: (() => void)[] = [];
  const send = inOrderOfIds(
    async (data) => {
      const { type, id } = JSON.parse(data) as { type: string; id: string };
      handled.push(`${type} ${id}`);
    },
    ({ id }) => {
      handled.push(`subscribe ${id}`);
      return new Promise((resolve) => ends.push(resolve));
    },
  );
  return { handled, ends, send };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("an id that is used again waits until its earlier operation is over", async () => {
  const { handled, ends, send } = socket();
  void send(subscribe("1"));
  void send(complete("1"));
  void send(subscribe("1"));
  void send(subscribe("2"));
  await settled();
  expect(handled).toEqual(["subscribe 1", "complete 1", "subscribe 2"]);
  ends[0]?.();
  await settled();
  expect(handled.slice(3)).toEqual(["subscribe 1"]);
});

test("an operation that is completed while it waits never begins, and the next of its id does", async () => {
  const { handled, ends, send } = socket();
  for (const message of [subscribe, complete, subscribe, complete, subscribe]) void send(message("1"));
  await settled();
  ends[0]?.();
  await settled();
  expect(handled).toEqual(["subscribe 1", "complete 1", "subscribe 1"]);
  void send(complete("1"));
  await settled();
  expect(handled.at(-1)).toBe("complete 1");
});

test("an id in use is handed on to be refused, and whatever else comes as it is", async () => {
  const handled: string[] = [];
  const begin = () => Promise.reject(new Error("begun"));
  const send = inOrderOfIds(async (data) => void handled.push(data), begin);
  const odd = ["no JSON", "[]", '{"type":"ping"}', '{"type":"subscribe"}', '{"type":"subscribe","id":5}'];
  for (const data of odd) await send(data);
  expect(handled).toEqual(odd);
  const { handled: known, send: again } = socket();
  void again(subscribe("1"));
  void again(subscribe("1"));
  await settled();
  expect(known).toEqual(["subscribe 1", "subscribe 1"]);
});

test("no more than 100 operations wait", async () => {
  const { send } = socket();
  const sent: Promise<void>[] = [];
  for (let at = 0; at < 150; at++) {
    sent.push(send(subscribe("1")));
    void send(complete("1"));
  }
  await expect(Promise.all(sent)).rejects.toThrow("100 operations wait");
});

test("neither large messages wait in number, nor is a long id taken", async () => {
  const { send } = socket();
  const large = () => JSON.stringify({ type: "subscribe", id: "1", payload: { query: "#".repeat(200_000) } });
  const sent = [1, 2, 3, 4].map(() => {
    const one = send(large());
    void send(complete("1"));
    return one;
  });
  await expect(Promise.all(sent)).rejects.toThrow(BadMessage);
  await expect(send(subscribe("x".repeat(201)))).rejects.toThrow("200 characters");
});
