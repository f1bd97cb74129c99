import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startPostgres } from "@shop/stack";
import { sharedElasticsearchVariable, shareElasticsearch } from "./shared-elasticsearch.ts";
import { sharedPostgresVariable } from "./stores.ts";

/** Vitest's global set-up: one throw-away Postgres for the whole run, and one Elasticsearch for the tests that ask for it. */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), "shop-test-postgres-"));
  const server = await startPostgres({ folder, isDurable: false });
  process.env[sharedPostgresVariable] = server.url;
  const offer = await shareElasticsearch();
  process.env[sharedElasticsearchVariable] = offer.url;
  return async () => {
    await offer.stop();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
