import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { startElasticsearch } from "@shop/stack";

/** The address at which the test run's main process hands out the URL of its Elasticsearch. */
export const sharedElasticsearchVariable = "SHOP_TEST_ELASTICSEARCH";

/** Starts one Elasticsearch for a whole run when the first test asks for it: it takes 10 s, and a run without search tests needs none. */
export async function shareElasticsearch(): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), "shop-test-elasticsearch-"));
  let starting: ReturnType<typeof startElasticsearch> | undefined;
  const start = () => {
    const started = startElasticsearch({ folder });
    started.catch((error: Error) =>
      console.log(`Search is tested on the embedded engine only. ${error.message}`),
    );
    return started;
  };
  const server = createServer((_, response) => {
    starting ??= start();
    starting.then(
      ({ url }) => response.end(url),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await starting?.then((one) => one.stop()).catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The Elasticsearch that ELASTICSEARCH_URL names, else that of the test run; undefined where none can be had. */
export async function testElasticsearch(): Promise<string | undefined> {
  const given = process.env["ELASTICSEARCH_URL"];
  const offer = process.env[sharedElasticsearchVariable];
  if (given || !offer) return given || undefined;
  const answer = await fetch(offer);
  return answer.ok ? await answer.text() : undefined;
}
