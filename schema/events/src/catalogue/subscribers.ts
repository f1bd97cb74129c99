import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { serviceNames, type ServiceName } from "@shop/values";
import { eventTypes, producerOf, type EventType } from "../events.ts";

const subgraphs = fileURLToPath(new URL("../../../../subgraphs/", import.meta.url));

/**
 * The services that subscribe to each event, read from their code: a service names another's event (as a string or as the
 * key of a table) only to subscribe to it. Its own events it names to publish them, so those count in `src/events.ts` alone.
 */
export function readSubscribers(): ReadonlyMap<EventType, readonly ServiceName[]> {
  const named = new Map(serviceNames.map((service) => [service, namesIn(service)]));
  return new Map(
    eventTypes.map((type) => [type, serviceNames.filter((service) => named.get(service)?.has(type))]),
  );
}

function namesIn(service: ServiceName): ReadonlySet<EventType> {
  const files = globSync("src/**/*.ts", { cwd: `${subgraphs}${service}` });
  const found = new Set<EventType>();
  for (const file of files.filter(isOfTheProduct)) {
    const code = withoutComments(readFileSync(`${subgraphs}${service}/${file}`, "utf8"));
    for (const type of eventTypes) {
      const counts = producerOf(type) !== service || /^src\/events[./]/.test(file);
      if (counts && namesEvent(code, type)) found.add(type);
    }
  }
  return found;
}

function isOfTheProduct(file: string): boolean {
  return !file.endsWith(".test.ts") && !file.includes("generated/") && !/\bgiven/.test(file);
}

/** Whether the code has the event as a string or as a key; a type such as `ShopEvent<"StockChanged">` is a string too. */
export function namesEvent(code: string, type: string): boolean {
  return new RegExp(`"${type}"|^\\s*(async )?${type}[:(]`, "m").test(code);
}

function withoutComments(code: string): string {
  return code.replaceAll(/\/\*.*?\*\/|(?<!:)\/\/.*$/gms, "");
}
