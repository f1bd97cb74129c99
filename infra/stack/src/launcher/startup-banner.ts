import { networkInterfaces } from "node:os";
import colors from "picocolors";
import type { Shop } from "./launch.ts";
import type { ShopOptions } from "./options.ts";
import { demoUsers } from "../demo/demo-users.ts";
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
  const logIns = demoPassword === undefined ? "" : `\n${demoUsers.map(logIn(demoPassword)).join("")}`;
  return `
${colors.bold("The shop is open.")}

  Graph      ${colors.cyan(graph)}   (subscriptions: ${graph.replace("http", "ws")})
  Sandbox    ${colors.cyan(graph)}   in a browser, with internet
  Explorer   ${colors.cyan(`${url}/explorer`)}   works without internet
${bank}${networkAddresses(options)}${logIns}${debuggers(shop.inspectPorts)}
Six operations to try, by their names in README.md, which also fit into the explorer as one document:

${firstOperations.map(([name, what]) => `  ${name.padEnd(10)} ${what}\n`).join("")}
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

/** README's operations, in its order. */
const firstOperations: [name: string, what: string][] = [
  ["Find", "products, by a misspelt word"],
  ["Look", "at one of them: its variants and their stock"],
  ["Fill", "a cart"],
  ["Buy", "it: the order waits to be paid"],
  ["Watch", "the order live"],
  ["Pay", "in another tab, and see it move until its parcel is announced"],
];

/** What a person of the demo is there for: the role beyond a customer's. */
const logIn =
  (password: string) =>
  ({ email, roles }: (typeof demoUsers)[number]): string => {
    const role = roles.at(-1) ?? "CUSTOMER";
    const shown = `${role.charAt(0)}${role.slice(1).toLowerCase()}`;
    return `  ${shown.padEnd(10)} ${email.padEnd(20)} password ${password}\n`;
  };
