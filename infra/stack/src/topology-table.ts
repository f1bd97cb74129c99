import { topology, type Subgraph } from "./topology.ts";

/** The table of services in the README, as prettier would set it. `node infra/stack/src/topology-table.ts` prints it. */
export function topologyTable(services: Record<string, Subgraph> = topology): string {
  const rows = [
    ["service", "has", "keeps it in", "asks"],
    ...Object.entries(services).map(([name, { about, stores, files, calls }]) => {
      const kept = stores.flatMap((store) => storeNames[store] ?? []);
      return [name, about, [...kept, ...(files === undefined ? [] : [files])].join(", "), calls.join(", ")];
    }),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))));
  const rule = line(widths.map((width) => "-".repeat(width)));
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

/** Without NATS: all services use it, and it keeps no event that isn't in an outbox. */
const storeNames = { postgres: "Postgres", redis: "Redis", nats: undefined };

function line(cells: string[]): string {
  return `| ${cells.join(" | ")} |`;
}

if (import.meta.main) console.log(topologyTable());
