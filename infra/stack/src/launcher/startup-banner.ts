import { networkInterfaces } from "node:os";
import colors from "picocolors";
import type { Shop } from "./launch.ts";
import type { ShopOptions } from "./options.ts";
import { defaultDataFolder } from "../repository.ts";

/** The text of an open shop: its addresses, log-ins, and operations to try. */
export function startupBanner(
  shop: Pick<Shop, "url" | "hasStandIn" | "demoPassword" | "inspectPorts">,
  options: ShopOptions,
): string {
  const { url, hasStandIn, demoPassword } = shop;
  const graph = `${url}/graphql`;
  const bank = hasStandIn
    ? `  3-D Secure ${colors.cyan(`${url}/authenticate/<clientSecret>`)}   for pm_card_authenticationRequired\n`
    : "";
  const logIns =
    demoPassword === undefined
      ? ""
      : `\n  Customer   customer@shop.test   password ${demoPassword}\n  Staff      staff@shop.test      password ${demoPassword}\n`;
  return `
${colors.bold("The shop is open.")}

  Graph      ${colors.cyan(graph)}   (subscriptions: ${graph.replace("http", "ws")})
  Sandbox    ${colors.cyan(graph)}   in a browser, with internet
  Explorer   ${colors.cyan(`${url}/explorer`)}   works without internet
${bank}${networkAddresses(options)}${logIns}${debuggers(shop.inspectPorts)}
Three operations to try:

${operations(demoPassword)}
${colors.dim(`Logs: ${options.dataFolder}/logs    Stop: Ctrl-C    Begin afresh: ${again(options)}`)}
`;
}

/** The debuggers' port of each process. */
function debuggers(inspectPorts: Record<string, number>): string {
  const lines = Object.entries(inspectPorts).map(
    ([program, port]) => `  ${program.padEnd(10)} 127.0.0.1:${port}\n`,
  );
  return lines.length === 0
    ? ""
    : `\nFor debuggers (chrome://inspect, or attach by port):\n\n${lines.join("")}`;
}

/** The command that resets this shop. */
function again({ port, dataFolder }: ShopOptions): string {
  const folder = dataFolder === defaultDataFolder ? "" : ` --data ${dataFolder}`;
  return `${port === 4000 ? "" : `PORT=${port} `}npm start -- --reset${folder}`;
}

/** The addresses for phones and other machines of the network, where the gateway listens for them. */
function networkAddresses({ exposure: { gatewayHost, isOpen }, port }: ShopOptions): string {
  if (!isOpen) return "";
  const isEverywhere = ["0.0.0.0", "::"].includes(gatewayHost);
  const hosts = isEverywhere
    ? Object.values(networkInterfaces())
        .flatMap((addresses) => addresses ?? [])
        .filter(({ internal, family }) => !internal && family === "IPv4")
        .map(({ address }) => address)
    : [gatewayHost];
  const urls = hosts.map((host) =>
    colors.cyan(`http://${host.includes(":") ? `[${host}]` : host}:${port}/explorer`),
  );
  return `  Network    ${urls.join(" ")}   for phones; the services stay on this machine\n`;
}

const operations = (demoPassword = "<password>") =>
  [
    `  { search(query: "headphones", first: 3) { totalCount edges { node { title slug inStock } } } }`,
    `  mutation { logIn(input: { email: "customer@shop.test", password: "${demoPassword}" }) { session { accessToken } } }`,
    `  mutation { cartCreate { cart { id version } } }`,
  ].join("\n\n");
