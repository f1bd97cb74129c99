import type { ApolloServer } from "@apollo/server";
import { z } from "zod";
import { guest } from "../identity/caller.ts";
import type { SubgraphConnection } from "../subgraphs/connection.ts";
import { newRequestId } from "../errors/mask-errors.ts";
import type { RequestContext } from "../request-context.ts";

/**
 * `gaps`, in words: why the shop can't be used. `troubles`: what each service that serves lacks, by name alone; the reasons, with
 * addresses of stores in them, are the service's own to tell.
 */
export type Standing = { gaps: string[]; troubles: Record<string, string[]> };
export type Readiness = () => Promise<Standing>;

export interface ReadinessParts {
  server: ApolloServer<RequestContext>;
  connections: ReadonlyMap<string, SubgraphConnection>;
  minProducts: number;
}

/** Asks every subgraph, and tries the way from search to stock. An answer is good for a second. */
export function createReadiness({ server, connections, minProducts }: ReadinessParts): Readiness {
  let last: { askedAt: number; answer: Promise<Standing> } | undefined;

  return () => {
    const now = Date.now();
    if (!last || now - last.askedAt > 1000) last = { askedAt: now, answer: ask() };
    return last.answer;
  };

  async function ask(): Promise<Standing> {
    const asked = [...connections].map(
      async ([name, connection]) => [name, await probe(name, connection)] as const,
    );
    const found = await Promise.all(asked);
    const gaps = found.flatMap(([, { gap }]) => gap ?? []);
    const lacking = found.filter(([, { troubles = [] }]) => troubles.length > 0);
    const troubles = Object.fromEntries(lacking.map(([name, { troubles: names = [] }]) => [name, names]));
    if (gaps.length > 0 || minProducts === 0) return { gaps, troubles };
    return { gaps: await tryToShop(), troubles };
  }

  async function tryToShop(): Promise<string[]> {
    const { body } = await server.executeOperation({ query: walk }, { contextValue: contextOfOwn() });
    const result = body.kind === "single" ? body.singleResult : {};
    if (result.errors?.length) return [`search: ${result.errors.map(({ message }) => message).join("; ")}`];
    const { search } = result.data as unknown as WalkResult;
    if (!search || search.totalCount < minProducts) {
      return [`search finds ${search?.totalCount ?? 0} of ${minProducts} products`];
    }
    const canBeBought = search.nodes.some((product) =>
      product?.variants.some((variant) => (variant.availability?.quantity ?? 0) > 0),
    );
    return canBeBought ? [] : ["none of the products found first can be bought"];
  }
}

const walk = `query Ready {
  search(first: 20) { totalCount nodes { variants { price { amount } availability { quantity } } } }
}`;

interface WalkResult {
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
    const { status, body } = await connection.relay("GET", "/readyz", { timeoutMs: patienceMs });
    const text = body.toString("utf8");
    if (status === 200) return { troubles: troublesIn(text) };
    return { gap: `${name}: ${text.slice(0, 200).trim() || status}` };
  } catch {
    return { gap: `${name}: does not answer` };
  }
}

/** A service gives each of its stores 2 s, and then names those that did not answer. */
const patienceMs = 3_000;

const degraded = z.object({ status: z.literal("degraded"), troubles: z.record(z.string(), z.string()) });

function troublesIn(text: string): string[] {
  const { data } = degraded.safeParse(jsonOf(text));
  return Object.keys(data?.troubles ?? {});
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A service that says no more than that it is there.
    return undefined;
  }
}

function contextOfOwn(): RequestContext {
  const signal = AbortSignal.timeout(5000);
  return { caller: guest, ip: "127.0.0.1", requestId: newRequestId(), signal };
}
