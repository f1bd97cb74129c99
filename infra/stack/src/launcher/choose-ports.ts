import { freePort } from "../processes/free-port.ts";
import { subgraphNames, type SubgraphName } from "../topology.ts";

export type ShopPorts = { services: Record<SubgraphName, number>; stripe: number; gateway: number };

/** A free port for each service and the stand-in for Stripe; the gateway's is the user's choice. */
export async function choosePorts(gateway: number): Promise<ShopPorts> {
  const ports = await Promise.all(subgraphNames.map(async (name) => [name, await freePort()] as const));
  const services = Object.fromEntries(ports) as ShopPorts["services"];
  return { gateway, services, stripe: await freePort() };
}
