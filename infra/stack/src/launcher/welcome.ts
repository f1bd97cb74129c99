import path from "node:path";
import colors from "picocolors";
import { demoPassword } from "../demo/people.ts";
import type { Shop } from "./launch.ts";
import type { ShopOptions } from "./options.ts";
import { repository } from "../repository.ts";

/** What a new user reads when the shop is up: where to click and what to try. */
export function welcome({ url, stripe }: Pick<Shop, "url" | "stripe">, options: ShopOptions): string {
  const graph = `${url}/graphql`;
  const bank = stripe
    ? `  3-D Secure ${colors.cyan(`${stripe}/authenticate/<clientSecret>`)}   for pm_card_authenticationRequired\n`
    : "";
  return `
${colors.bold("The shop is open.")}

  Graph      ${colors.cyan(graph)}   (subscriptions: ${graph.replace("http", "ws")})
  Sandbox    ${colors.cyan(graph)}   in a browser, with internet
  Explorer   ${colors.cyan(`${url}/explorer`)}   works without internet
${bank}
  Customer   customer@shop.test   password ${demoPassword}
  Staff      staff@shop.test      password ${demoPassword}

Three operations to try:

${operations}
${colors.dim(`Logs: ${options.dataFolder}/logs    Stop: Ctrl-C    Begin afresh: ${again(options)}`)}
`;
}

/** The command that opens this very shop anew. */
function again({ port, dataFolder }: ShopOptions): string {
  const usual = path.join(repository, ".data", "shop");
  const folder = dataFolder === usual ? "" : ` --data ${dataFolder}`;
  return `${port === 4000 ? "" : `PORT=${port} `}npm start -- --reset${folder}`;
}

const operations = [
  `  { search(query: "headphones", first: 3) { totalCount edges { node { title slug inStock } } } }`,
  `  mutation { logIn(input: { email: "customer@shop.test", password: "${demoPassword}" }) { session { accessToken } } }`,
  `  mutation { cartCreate { cart { id version } } }`,
].join("\n\n");
