import { z } from "zod";
import { generateProducts } from "./demo/generate-products.ts";
import { openGraph } from "./import/graph-client.ts";
import { loadProducts } from "./import/load-products.ts";

// SHOP_STAFF={"email":…,"password":…} node seed.ts <graph's URL> <products>: loads the demo catalogue over the public API, as staff,
// with a line for each tenth of it. A second run changes nothing.

const [url, products] = z.tuple([z.url(), z.coerce.number().int().min(0)]).parse(process.argv.slice(2));
const staff = z
  .object({ email: z.string(), password: z.string() })
  .parse(JSON.parse(process.env["SHOP_STAFF"] ?? "null"));

await using graph = await openGraph(url, staff);
let shown = 0;
await loadProducts(graph, generateProducts(products), ({ step, done }) => {
  if (step !== "products" || done - shown < products / 10) return;
  shown = done;
  console.log(`demo catalogue: ${done} of ${products} products`);
});
