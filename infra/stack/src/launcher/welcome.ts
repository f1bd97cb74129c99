import colors from "picocolors";
import type { ShopOptions } from "./options.ts";

/** What a new user reads when the shop is up: where to click and what to try. */
export function welcome(shop: string, options: ShopOptions): string {
  const graph = `${shop}/graphql`;
  return `
${colors.bold("The shop is open.")}

  Graph      ${colors.cyan(graph)}   (subscriptions: ${graph.replace("http", "ws")})
  Sandbox    ${colors.cyan(graph)}   in a browser, with internet
  Explorer   ${colors.cyan(`${shop}/explorer`)}   works without internet

  Customer   customer@shop.test   password demo-password-1
  Staff      staff@shop.test      password demo-password-1

Three operations to try:

${operations}
${colors.dim(`Logs: ${options.dataFolder}/logs    Stop: Ctrl-C    Begin afresh: npm start -- --reset`)}
`;
}

const operations = [
  `  query Find { searchProducts(query: "lamp", first: 3) { totalCount nodes { id title price { amount currency } inStock } } }`,
  `  mutation Cart { cartCreate(input: { idempotencyKey: "${"00000000-0000-4000-8000-000000000001"}" }) { cart { id version } } }`,
  `  mutation LogIn { login(input: { email: "customer@shop.test", password: "demo-password-1" }) { accessToken } }`,
].join("\n\n");
