import type { PushResult } from "./measure-pushes.ts";
import type { RushResult } from "./measure-rush.ts";

const million = 1_000_000;

/** A page on paper: what a million waiting customers would take, from the costs that were measured. */
export function millionOnPaper(crowd: RushResult, pushes: PushResult): string[] {
  const { cpuPerEntry, ticketBytes } = crowd;
  const outside = new Set(["stripe", "launcher"]);
  const entryMs = [...cpuPerEntry]
    .filter(([name]) => !outside.has(name))
    .reduce((sum, [, ms]) => sum + ms, 0);
  const cores = (seconds: number) => Math.ceil((million * entryMs) / 1000 / seconds);
  const socketGb = (million * pushes.kbPerSocket) / 1024 / 1024;
  const ticketGb = (million * ticketBytes) / 1024 ** 3;
  return [
    "## A million waiting, on paper",
    "",
    "Extrapolated from the rows above; nothing of it was run.",
    "",
    `- **Entries.** A customer cost ${entryMs.toFixed(2)} ms of CPU from the entry to the final answer, all processes but generator and`,
    `  provider (${[...cpuPerEntry].map(([name, ms]) => `${name} ${ms.toFixed(2)}`).join(", ")}). A million customers are ${((million * entryMs) / 1000 / 60).toFixed(0)} core minutes: ${cores(60)} cores serve`,
    `  them within a minute, ${cores(10)} within ten seconds. Gateways scale by their number. Inventory's micro-batch is one statement at a`,
    "  time for each sale: 47-64k decisions a second, 34k at 1 ms a flush (`subgraphs/inventory/FLASH-SALE.md`), so Postgres decides a million",
    "  in 16 to 30 s; the Redis gate answers those who can't be served before that, at some 100k a second.",
    `- **Tickets.** ${ticketBytes.toFixed(0)} bytes each with indexes: ${ticketGb.toFixed(2)} GB of Postgres for a million that wait. A sale's line is bounded by`,
    "  `lineFactor x unitsLeft + lineFloor`: a million wait only for a sale of 100,000 units, or where staff let them.",
    `- **Sockets.** ${pushes.kbPerSocket.toFixed(0)} KB of gateway and services for each socket that follows its ticket: ${socketGb.toFixed(0)} GB for a million. A`,
    `  gateway takes 10,000 sockets (\`MAX_SOCKETS\`), which makes ${Math.ceil(million / 10_000)} gateways.`,
    `- **Pushes.** A change reached its customer ${pushes.push.p99.toFixed(0)} ms after the decision (p99). Changes of a status are few: one grant and one`,
    "  end for each ticket. Places in the line are many: throttled to one a second and ticket they would be a million a second. So for a",
    "  line of that length the throttle must grow with the place: a customer in place 900,000 reads no difference within a minute.",
    "- **The end.** The last unit sold gives all who wait SOLD_OUT in one statement of a million rows; in batches of 10,000, so that the",
    "  sale's lock is not held for the whole of it, would be better beyond some 100,000.",
  ];
}
