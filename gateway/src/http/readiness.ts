import type { ApolloServer } from "@apollo/server";
import { guest } from "../identity/caller.ts";
import type { SubgraphConnection } from "../graph/subgraph-connection.ts";
import { newRequestId } from "../mask-errors.ts";
import type { RequestContext } from "../request-context.ts";

/** What is not ready yet, in words; an empty list when the shop can be used. */
export type Readiness = () => Promise<string[]>;

export interface ReadinessParts {
  server: ApolloServer<RequestContext>;
  connections: ReadonlyMap<string, SubgraphConnection>;
  minProducts: number;
}

/** Asks every subgraph, and tries the way from search to stock. An answer is good for a second. */
export function createReadiness({ server, connections, minProducts }: ReadinessParts): Readiness {
  let last: { askedAt: number; answer: Promise<string[]> } | undefined;

  return () => {
    const now = Date.now();
    if (!last || now - last.askedAt > 1000) last = { askedAt: now, answer: ask() };
    return last.answer;
  };

  async function ask(): Promise<string[]> {
    const probes = [...connections].map(([name, connection]) => probe(name, connection));
    const gaps = (await Promise.all(probes)).filter((gap) => gap !== undefined);
    if (gaps.length > 0 || minProducts === 0) return gaps;
    return tryToShop();
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

async function probe(name: string, connection: SubgraphConnection): Promise<string | undefined> {
  try {
    const { status, body } = await connection.relay("GET", "/readyz", { timeoutMs: 2000 });
    return status === 200 ? undefined : `${name}: ${body.toString("utf8").slice(0, 200).trim() || status}`;
  } catch {
    return `${name}: does not answer`;
  }
}

function contextOfOwn(): RequestContext {
  const signal = AbortSignal.timeout(5000);
  return { caller: guest, ip: "127.0.0.1", requestId: newRequestId(), signal };
}
