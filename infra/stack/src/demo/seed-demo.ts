import { openGraph } from "../import/graph-client.ts";
import { loadProducts } from "../import/load-products.ts";
import { generateProducts } from "./generate-products.ts";

/** Loads the demo catalogue over the public API, as its staff; repeating it changes nothing. */
export async function seedDemo(input: {
  url: string;
  products: number;
  staff: { email: string; password: string };
  log: (line: string) => void;
}): Promise<void> {
  await using graph = await openGraph(input.url, input.staff);
  let shown = 0;
  await loadProducts(graph, generateProducts(input.products), ({ step, done }) => {
    if (step !== "products" || done - shown < input.products / 10) return;
    shown = done;
    input.log(`demo catalogue: ${done} of ${input.products} products`);
  });
}
