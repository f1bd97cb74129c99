import { setTimeout as sleep } from "node:timers/promises";
import { readOperation } from "@shop/values/operations";
import { Pool } from "undici";
import { z } from "zod";

/** Sends operations of schema/operations over connections that stay open. */
export type SaleGraph = {
  send(operation: string, variables: object, token?: string): Promise<Answer>;
  /** Opens the connections and lets the gateway verify the tokens, so that no customer's first answer waits for either. */
  warmUp(tokens: readonly string[]): Promise<void>;
  /** Requests that were sent again. */
  sentAgain(): number;
  close(): Promise<void>;
};

const answered = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z.looseObject({ code: z.string(), retryAfterSeconds: z.number().optional() }),
      }),
    )
    .optional(),
});
export type Answer = z.infer<typeof answered>;

/** Opens the graph at its URL, with at most so many connections. */
export function openSaleGraph(url: string, connections: number): SaleGraph {
  const target = new URL(url);
  const options = { keepAliveTimeout: 60_000, headersTimeout: 60_000 };
  // Holders don't queue behind those who still enter: each customer has a connection of their own in life.
  const entering = new Pool(target.origin, { connections, ...options });
  const others = new Pool(target.origin, { connections: Math.min(connections, 200), ...options });
  const documents = new Map<string, string>();
  let sentAgain = 0;

  const post = async (
    pool: Pool,
    query: string,
    variables: object,
    token: string | undefined,
  ): Promise<Answer> => {
    const { body } = await pool.request({
      path: target.pathname,
      method: "POST",
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    return answered.parse(await body.json());
  };
  const documentOf = (operation: string) => {
    let text = documents.get(operation);
    if (text === undefined) documents.set(operation, (text = readOperation(operation)));
    return text;
  };
  return {
    sentAgain: () => sentAgain,
    /** A request that was held back, or got no answer from a service, is sent again under its key, as a client would. */
    async send(operation, variables, token) {
      const pool = operation === "flash-sale-enter" ? entering : others;
      for (;;) {
        const answer = await post(pool, documentOf(operation), variables, token);
        const { code, retryAfterSeconds } = answer.errors?.[0]?.extensions ?? {};
        if (retryAfterSeconds === undefined && code !== "SERVICE_UNAVAILABLE") return answer;
        sentAgain++;
        await sleep((retryAfterSeconds ?? 0.1) * 1000 * (1 + Math.random() / 4));
      }
    },
    async warmUp(tokens) {
      await Promise.all(tokens.map((token) => post(entering, "{ __typename }", {}, token)));
    },
    close: async () => void (await Promise.all([entering.close(), others.close()])),
  };
}

/** The one field of the data; throws the errors. */
export function fieldOf<T extends z.ZodType>({ data, errors }: Answer, shape: T): z.infer<T> {
  if (errors) throw new Error(JSON.stringify(errors).slice(0, 500));
  return shape.parse(Object.values(data ?? {})[0]);
}
