import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { switchSearchEngine } from "../src/launcher/switch-search-engine.ts";

test("a shop that comes back to Elasticsearch removes its own index, and no other shop's beside it", async () => {
  await using opened = new AsyncDisposableStack();
  const dataFolder = await mkdtemp(path.join(tmpdir(), "shop-engine-"));
  opened.defer(() => rm(dataFolder, { recursive: true }));
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${decodeURIComponent(request.url ?? "")}`);
    response.end(request.method === "GET" ? '{"mine-products-1":{},"mine-stock-1":{}}' : "{}");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  opened.defer(() => void server.close());
  const elasticsearch = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeFile(path.join(dataFolder, "search-engine.json"), '"embedded"');
  const options = { dataFolder, searchPrefix: "mine", externalStores: { elasticsearch } };
  await switchSearchEngine(options, elasticsearch);
  await switchSearchEngine(options, elasticsearch);
  expect(asked).toEqual([
    "GET /mine-products-*,mine-stock-*?features=aliases",
    "DELETE /mine-products-1,mine-stock-1",
  ]);
});
