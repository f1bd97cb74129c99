import { globSync, readFileSync } from "node:fs";
import { serviceNames, type ServiceName } from "@shop/values";
import { event, eventTypes, producerOf, seal, type EventType, type ShopEvent } from "../events.ts";
import { examples } from "./examples.ts";
import { readSubscribers } from "./subscribers.ts";

/** The file whose part between these marks is the catalogue. */
export const catalogueFile = new URL("../../README.md", import.meta.url);
const marks = [
  "<!-- catalogue: written by npm run compose -->\n",
  "<!-- end of the catalogue -->\n",
] as const;

/** The README with the catalogue of today's code in it. */
export function withCatalogue(readme: string): string {
  const [before, rest = ""] = readme.split(marks[0]);
  const after = rest.split(marks[1])[1];
  if (after === undefined) throw new Error("the README has no marks to write the catalogue between");
  return [before, marks[0], catalogue(), marks[1], after].join("");
}

/** The example of an event as it travels, with an id and a time that stay the same. */
export function exampleOf(type: EventType): ShopEvent {
  const fresh = event(type, { version: 3, ...examples[type] });
  const sealed = seal(fresh, new Date("2026-11-30T12:00:00.000Z"));
  return { ...sealed, id: "019ad4a1-2c00-7000-8000-000000000000" };
}

function catalogue(): string {
  const subscribers = readSubscribers();
  const meanings = readMeanings();
  const services = serviceNames.map((producer) => {
    const types = eventTypes.filter((type) => producerOf(type) === producer);
    return types.length === 0 ? "" : sectionOf(producer, types, subscribers, meanings);
  });
  return `\n<!-- prettier-ignore-start -->\n${services.filter(Boolean).join("\n")}\n<!-- prettier-ignore-end -->\n\n`;
}

function sectionOf(
  producer: ServiceName,
  types: readonly EventType[],
  subscribers: ReadonlyMap<EventType, readonly ServiceName[]>,
  meanings: ReadonlyMap<string, string>,
): string {
  const rows = types.map((type) => {
    const readers = subscribers.get(type)?.join(", ");
    const { schemaVersion } = exampleOf(type);
    return `| ${type} | ${meanings.get(type) ?? ""} | ${readers || "–"} | ${chainOf(exampleOf(type))} | ${schemaVersion} |`;
  });
  const data = types.map((type) => `${type} ${showJson(exampleOf(type).data)}`);
  return [
    `### ${producer}\n`,
    "| event | means | subscribers | chain | version |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "\n<details><summary>an example of the data of each</summary>\n",
    `\`\`\`js\n${data.join("\n")}\n\`\`\`\n`,
    "</details>\n",
  ].join("\n");
}

/** The key of the event's chain and partition: the field of its data that has it, else what the aggregate is. */
function chainOf({ sagaId, aggregate, data }: ShopEvent): string {
  const key = sagaId ?? aggregate.id;
  const fields = "product" in data ? { ...data, ...data.product } : data;
  const field = Object.entries(fields).find(([, value]) => value === key)?.[0];
  return field === undefined ? "the publishing instance" : `\`${field}\``;
}

/** JSON with each field of the data on a line of its own, so that a change of one is a change of one line. */
function showJson(data: object): string {
  const fields = Object.entries(data).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`);
  return `{\n${fields.join("\n")}\n}`;
}

/** The text of the doc comment before each event's validator. */
function readMeanings(): ReadonlyMap<string, string> {
  const folder = new URL("../", import.meta.url);
  const texts = globSync("*.ts", { cwd: folder }).map((file) => readFileSync(new URL(file, folder), "utf8"));
  const documented = texts.flatMap((text) => [
    ...text.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\n {2}([A-Z]\w+):/gs),
  ]);
  return new Map(documented.map(([, comment = "", type = ""]) => [type, asCell(comment)]));
}

function asCell(comment: string): string {
  const lines = comment.split("\n").map((line) => line.replace(/^\s*\*\s?/, "").trim());
  return lines.filter(Boolean).join(" ").replaceAll("|", "\\|");
}
