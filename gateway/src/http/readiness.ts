import type { ApolloServer } from "@apollo/server";
import { z } from "zod";
import { guest } from "../identity/caller.ts";
import type { SubgraphConnection } from "../subgraphs/connection.ts";
import type { RequestContext } from "../request-context.ts";
import { requestIdOf } from "../request-id.ts";

/**
 * `gaps`: the reasons why the shop can't be used. `troubles`: the names of what each serving service lacks; the causes, which
 * have addresses of stores, are answered by the service alone.
 */
export type ReadinessReport = { gaps: string[]; troubles: Record<string, string[]> };
export type Readiness = () => Promise<ReadinessReport>;

export interface ReadinessDeps {
  server: ApolloServer<RequestContext>;
  connections: ReadonlyMap<string, SubgraphConnection>;
  minProducts: number;
}

/** Probes every subgraph, and runs a smoke test from search to stock. A report is reused for a second. */
export function createReadiness({ server, connections, minProducts }: ReadinessDeps): Readiness {
  let last: { madeAt: number; report: Promise<ReadinessReport> } | undefined;

  return () => {
    const now = Date.now();
    if (!last || now - last.madeAt > 1000) last = { madeAt: now, report: makeReport() };
    return last.report;
  };

  async function makeReport(): Promise<ReadinessReport> {
    const probes = [...connections].map(
      async ([name, connection]) => [name, await probe(name, connection)] as const,
    );
    const probed = await Promise.all(probes);
    const gaps = probed.flatMap(([, { gap }]) => gap ?? []);
    const lacking = probed.filter(([, { troubles = [] }]) => troubles.length > 0);
    const troubles = Object.fromEntries(lacking.map(([name, { troubles: names = [] }]) => [name, names]));
    if (gaps.length > 0 || minProducts === 0) return { gaps, troubles };
    return { gaps: await smokeTest(), troubles };
  }

  async function smokeTest(): Promise<string[]> {
    const { body } = await server.executeOperation({ query: smokeTestQuery }, { contextValue: ownContext() });
    const result = body.kind === "single" ? body.singleResult : {};
    if (result.errors?.length) return [`search: ${result.errors.map(({ message }) => message).join("; ")}`];
    const { search } = result.data as unknown as SmokeTestResult;
    if (!search || search.totalCount < minProducts) {
      return [`search finds ${search?.totalCount ?? 0} of ${minProducts} products`];
    }
    const canBeBought = search.nodes.some((product) =>
      product?.variants.some((variant) => (variant.availability?.quantity ?? 0) > 0),
    );
    return canBeBought ? [] : ["none of the products found first can be bought"];
  }
}

const smokeTestQuery = `query Ready {
  search(first: 20) { totalCount nodes { variants { price { amount } availability { quantity } } } }
}`;

interface SmokeTestResult {
  search: {
    totalCount: number;
    nodes: ({ variants: { availability: { quantity: number } | null }[] } | null)[];
  } | null;
}

async function probe(
  name: string,
  connection: SubgraphConnection,
): Promise<{ gap?: string; troubles?: string[] }> {
  try {
    const { status, body } = await connection.relay("GET", "/readyz", { timeoutMs: probeTimeoutMs });
    const text = body.toString("utf8");
    if (status === 200) return { troubles: troublesIn(text) };
    return { gap: `${name}: ${text.slice(0, 200).trim() || status}` };
  } catch {
    return { gap: `${name}: does not answer` };
  }
}

/** Longer than the 2 s in which a service probes its stores. */
const probeTimeoutMs = 3_000;

const degraded = z.object({ status: z.literal("degraded"), troubles: z.record(z.string(), z.string()) });

function troublesIn(text: string): string[] {
  const { data } = degraded.safeParse(jsonOf(text));
  return Object.keys(data?.troubles ?? {});
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A service may answer with the status alone.
    return undefined;
  }
}

function ownContext(): RequestContext {
  const signal = AbortSignal.timeout(5000);
  return { caller: guest, ip: "127.0.0.1", requestId: requestIdOf(), signal };
}
