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

test("an id may be used and completed any number of times at once: the last is what begins", async () => {
  const { handled, ends, send } = socket();
  const sent: Promise<void>[] = [];
  for (let at = 0; at < 300; at++) {
    sent.push(send(subscribe("1")));
    sent.push(send(complete("1")));
  }
  sent.push(send(subscribe("1")));
  await settled();
  ends[0]?.();
  await settled();
  expect(handled).toEqual(["subscribe 1", "complete 1", "subscribe 1"]);
  ends[1]?.();
  await Promise.all(sent);
});

test("an id of which one waits already is refused as one in use", async () => {
  const { send } = socket();
  for (const message of [subscribe, complete, subscribe]) void send(message("1"));
  await expect(send(subscribe("1"))).rejects.toMatchObject({ code: 4409 });
});

/** A socket on which one operation of this id is still being prepared, and has been completed. */
async function used(ids: number[]) {
  const { send } = socket();
  for (const id of ids) {
    void send(subscribe(String(id)));
    void send(complete(String(id)));
  }
  await settled();
  return send;
}

test("no more than 100 operations wait", async () => {
  const ids = Array.from({ length: 101 }, (_, id) => id);
  const send = await used(ids);
  for (const id of ids.slice(0, 100)) await send(subscribe(String(id)));
  const error = { code: 1013, message: expect.stringContaining("100 operations wait") as string };
  await expect(send(subscribe("100"))).rejects.toMatchObject(error);
  await send(complete("0"));
  await send(subscribe("100"));
});

test("neither large messages wait in number, nor is a long id taken", async () => {
  const send = await used([1, 2, 3, 4]);
  const large = (id: number) =>
    JSON.stringify({ type: "subscribe", id: String(id), payload: { query: "#".repeat(200_000) } });
  const sent = [1, 2, 3, 4].map((id) => send(large(id)));
  await expect(Promise.all(sent)).rejects.toThrow(BadMessage);
  await expect(send(subscribe("x".repeat(201)))).rejects.toThrow("200 characters");
});
