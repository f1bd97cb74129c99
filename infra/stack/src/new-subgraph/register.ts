import { topologyTable } from "../topology-table.ts";
import { topology, type Subgraph } from "../topology.ts";

/** The places that name every service. */
export const registers = [
  "schema/values/src/service-names.ts",
  "infra/stack/src/topology.ts",
  "README.md",
] as const;

export type RegisterTexts = Record<(typeof registers)[number], string>;

/** The same texts with the new service in them. Throws when one has another form than this knows. */
export function register(name: string, texts: RegisterTexts): RegisterTexts {
  const entry: Subgraph = { about: "a greeting", stores: ["postgres", "nats"], calls: [] };
  const lines = Object.entries(entry).map(([key, value]) => `    ${key}: ${listed(value)},\n`);
  return {
    "schema/values/src/service-names.ts": replaceOnce(
      texts["schema/values/src/service-names.ts"],
      "\n] as const;",
      `\n  "${name}",\n] as const;`,
    ),
    "infra/stack/src/topology.ts": replaceOnce(
      texts["infra/stack/src/topology.ts"],
      "\n} as const satisfies",
      `\n  ${name}: {\n${lines.join("")}  },\n} as const satisfies`,
    ),
    "README.md": replaceOnce(
      texts["README.md"],
      topologyTable(topology),
      topologyTable({ ...topology, [name]: entry }),
    ),
  };
}

function listed(value: string | readonly string[]): string {
  if (typeof value === "string") return JSON.stringify(value);
  return `[${value.map((one) => JSON.stringify(one)).join(", ")}]`;
}

function replaceOnce(text: string, old: string, fresh: string): string {
  if (text.split(old).length !== 2)
    throw new Error(`expected this once in a file where services are registered:\n${old.trim()}`);
  return text.replace(old, () => fresh);
}
