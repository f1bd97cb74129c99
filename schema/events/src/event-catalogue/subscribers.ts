import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { serviceNames, type ServiceName } from "@shop/values";
import { eventTypes, producerOf, type EventType } from "../events.ts";

const subgraphs = fileURLToPath(new URL("../../../../subgraphs/", import.meta.url));

/**
 * The services that subscribe to each event, read from their code: a service names another's event (as a string or as the
 * key of a table) only to subscribe to it. Its own events it names to publish them, so those count in the
 * `events.ts` of a room alone; a `domain/events.ts` builds them.
 */
export function readSubscribers(): ReadonlyMap<EventType, readonly ServiceName[]> {
  const named = new Map(serviceNames.map((service) => [service, namesIn(service)]));
  return new Map(
    eventTypes.map((type) => [type, serviceNames.filter((service) => named.get(service)?.has(type))]),
  );
}

/** The events that no code of their producer names: they are in the contract, and are never published. */
export function neverPublished(): EventType[] {
  const codes = new Map(serviceNames.map((service) => [service, codeOf(service)]));
  return eventTypes.filter(
    (type) => !codes.get(producerOf(type))?.some(({ code }) => namesEvent(code, type)),
  );
}

function namesIn(service: ServiceName): ReadonlySet<EventType> {
  const found = new Set<EventType>();
  for (const { file, code } of codeOf(service)) {
    for (const type of eventTypes) {
      const counts = producerOf(type) !== service || /^src\/((?!domain)\w+\/)?events[./]/.test(file);
      if (counts && namesEvent(code, type)) found.add(type);
    }
  }
  return found;
}

function codeOf(service: ServiceName): { file: string; code: string }[] {
  const files = globSync("src/**/*.ts", { cwd: `${subgraphs}${service}` }).filter(isOfTheProduct);
  return files.map((file) => ({
    file,
    code: withoutComments(readFileSync(`${subgraphs}${service}/${file}`, "utf8")),
  }));
}

function isOfTheProduct(file: string): boolean {
  return !file.endsWith(".test.ts") && !file.includes("generated/") && !/\bgiven/.test(file);
}

/** Whether the code has the event as a string or as a key; a type such as `ShopEvent<"StockChanged">` is a string too. */
export function namesEvent(code: string, type: string): boolean {
  return new RegExp(`"${type}"|^\\s*(async )?${type}[:(]`, "m").test(code);
}

function withoutComments(code: string): string {
  return code.replaceAll(/\/\*[^]*?\*\/|(?<!:)\/\/.*/g, "");
}
