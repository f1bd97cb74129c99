import { openElasticEngine } from "../src/engine/elasticsearch/elastic-engine.ts";
import { aDocument } from "./products.ts";

// An instance that fills an index until it is killed, and sends a message when it has begun.
const [url = "", prefix = ""] = process.argv.slice(2);
const engine = openElasticEngine({
  url,
  prefix,
  languages: ["en"],
  shopCurrency: "USD",
  lockTimeoutMs: 1_000,
});
await engine.rebuild(
  (async function* () {
    yield { documents: [aDocument({ id: "lamp" })], stock: [] };
    process.send?.("filling");
    await new Promise((resolve) => setTimeout(resolve, 2 ** 31 - 1));
  })(),
);
