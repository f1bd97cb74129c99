import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { BodyTooLarge, drain, listen, readBody, sendJson, TooManyBodies } from "./http.ts";

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>) {
  const server = createServer((request, response) => void answer(request, response));
  const port = await listen(server, { port: 0, host: "127.0.0.1" });
  return { server, url: `http://127.0.0.1:${port}` };
}

test("a body that is too large, or for which there is no memory, is refused, and the client gets the refusal", async () => {
  const { server, url } = await serve(async (request, response) => {
    const hasRoom = request.url === "/";
    const read = await readBody(request, 100_000, () => hasRoom).catch((error: unknown) => error);
    if (read instanceof Buffer) sendJson(response, 200, { bytes: read.length });
    else
      sendJson(response, read instanceof BodyTooLarge ? 413 : read instanceof TooManyBodies ? 503 : 500, {});
  });
  const post = async (path: string, bytes: number) =>
    await fetch(`${url}${path}`, { method: "POST", body: "x".repeat(bytes) });
  const answer = await post("/", 100_000);
  expect(await answer.json()).toEqual({ bytes: 100_000 });
  expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect((await post("/", 1_000_000)).status).toBe(413);
  expect((await post("/full", 100)).status).toBe(503);
  await drain(server, 1_000);
});

test("draining waits for a request under way, and no longer than it may", async () => {
  const arrived = Promise.withResolvers<void>();
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const { server, url } = await serve(async (_request, response) => {
    arrived.resolve();
    await answered;
    sendJson(response, 200, {});
  });
  const asking = fetch(url);
  await arrived.promise;
  const draining = drain(server, 60_000);
  answer();
  expect((await asking).status).toBe(200);
  await draining;

  const { server: stuck, url: stuckUrl } = await serve(() => new Promise(() => undefined));
  const waiting = fetch(stuckUrl).catch((error: unknown) => error);
  await new Promise((resolve) => stuck.once("request", resolve));
  await drain(stuck, 10);
  expect(await waiting).toBeInstanceOf(Error);
});

test("listening where another server listens is refused", async () => {
  const { server, url } = await serve(async () => undefined);
  const port = Number(new URL(url).port);
  await expect(listen(createServer(), { port, host: "127.0.0.1" })).rejects.toThrow("EADDRINUSE");
  await drain(server, 1_000);
});
