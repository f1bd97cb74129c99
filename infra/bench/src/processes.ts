import { readdirSync, readFileSync } from "node:fs";
import type { ShopStatus } from "@shop/stack";

/** What a process has used so far: CPU in ms, resident memory in MB. */
type Usage = { cpuMs: number; residentMb: number };

/** The shop's processes by name; Postgres and NATS are stores that others run as well. */
export function processesOf(status: ShopStatus): Map<string, number> {
  const names = new Map<number, string>();
  for (const [name, { pid }] of Object.entries(status.services)) {
    names.set(pid, names.has(pid) ? "subgraphs" : name);
  }
  const byName = new Map([...names].map(([pid, name]) => [name, pid]));
  byName.set("gateway", status.gateway.pid);
  byName.set("launcher", status.launcher.pid);
  if (status.stripe) byName.set("stripe", status.stripe.pid);
  for (const [name, pid] of Object.entries(status.storePids)) byName.set(name, pid);
  return byName;
}

/** CPU and memory of each process and its children now. Linux only: read from /proc. */
export function usageOf(processes: Map<string, number>): Map<string, Usage> {
  // The launcher's children are the others.
  const pidsOf = (name: string, pid: number) => (name === "launcher" ? [pid] : treeOf(pid));
  return new Map([...processes].map(([name, pid]) => [name, sum(pidsOf(name, pid).map(usageOfOne))]));
}

function usageOfOne(pid: number): Usage {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]);
    const residentKb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return { cpuMs: ticks * 10, residentMb: Number(residentKb ?? 0) / 1024 };
  } catch {
    return { cpuMs: 0, residentMb: 0 };
  }
}

/** CPU of a Node process' threads in ms: its own, its workers', and the rest, which compiles and clears away. */
export function threadsOf(pid: number): Map<string, number> {
  const titles = new Map([
    ["MainThread", "main thread"],
    ["WorkerThread", "workers"],
  ]);
  const threads = new Map([...titles.values(), "rest"].map((title) => [title, 0]));
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
    const title = titles.get(/\((.*)\)/.exec(stat)?.[1] ?? "") ?? "rest";
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    threads.set(title, (threads.get(title) ?? 0) + 10 * (Number(fields[11]) + Number(fields[12])));
  }
  return threads;
}

/** Any of a process' threads may be the parent: a Java machine starts its children from others than the first. */
function treeOf(pid: number): number[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean),
    );
    return [pid, ...children.flatMap((child) => treeOf(Number(child)))];
  } catch {
    return [pid];
  }
}

function sum(all: Usage[]): Usage {
  return all.reduce(
    (total, one) => ({ cpuMs: total.cpuMs + one.cpuMs, residentMb: total.residentMb + one.residentMb }),
    { cpuMs: 0, residentMb: 0 },
  );
}
