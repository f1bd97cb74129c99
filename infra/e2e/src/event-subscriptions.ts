import { readFile } from "node:fs/promises";
import type { ConsumerInfo } from "nats";

const page = new URL("../../../schema/events/README.md", import.meta.url);

/** The events of each service, as pairs such as `order PaymentCaptured`: by the catalogue's rows of subscribers. */
export async function cataloguedSubscriptions(): Promise<string[]> {
  const rows = (await readFile(page, "utf8")).matchAll(/^\| ([A-Z]\w+) \|.*\| ([^|]+) \| [^|]+ \| \d+ \|$/gm);
  return [...rows].flatMap(([, type = "", services = ""]) =>
    services === "–" ? [] : services.split(", ").map((service) => `${service} ${type}`),
  );
}

/**
 * The same pairs by the filters of JetStream's consumers, which services make at their start. Undefined for a server before
 * 2.10, whose consumers have one filter for all types.
 */
export function subscriptionsOf(consumers: readonly ConsumerInfo[]): string[] | undefined {
  const pairs = consumers.flatMap(({ name, config }) =>
    (config.filter_subjects ?? [config.filter_subject ?? "evt.>"]).map(
      (subject) => `${name.split("-")[0]} ${subject.split(".")[3]}`,
    ),
  );
  return pairs.some((pair) => pair.endsWith(" undefined")) ? undefined : pairs;
}
