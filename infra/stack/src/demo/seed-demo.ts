import { openGraph } from "../import/graph-client.ts";
import { loadProducts } from "../import/load-products.ts";
import { generateProducts } from "./generate-products.ts";

/** The password of everyone in the demo; nobody has it outside. */
export const demoPassword = "demo-password-1";

/** Those whom a demo shop knows; account makes them at its start (BOOTSTRAP_USERS). */
export const demoUsers = [
  { email: "customer@shop.test", name: "Charlie Customer", roles: ["CUSTOMER"] },
  { email: "second@shop.test", name: "Sam Second", roles: ["CUSTOMER"] },
  { email: "seller@shop.test", name: "Sina Seller", roles: ["CUSTOMER", "SELLER"] },
  { email: "moderator@shop.test", name: "Mo Moderator", roles: ["CUSTOMER", "MODERATOR"] },
  { email: "staff@shop.test", name: "Stella Staff", roles: ["CUSTOMER", "STAFF"] },
].map((user) => ({ ...user, password: demoPassword }));

/** Loads the demo catalogue over the public API, as its staff; repeating it changes nothing. */
export async function seedDemo(input: {
  url: string;
  products: number;
  log: (line: string) => void;
}): Promise<void> {
  await using graph = await openGraph(input.url, { email: "staff@shop.test", password: demoPassword });
  let shown = 0;
  await loadProducts(graph, generateProducts(input.products), ({ step, done }) => {
    if (step !== "products" || done - shown < input.products / 10) return;
    shown = done;
    input.log(`demo catalogue: ${done} of ${input.products} products`);
  });
}
