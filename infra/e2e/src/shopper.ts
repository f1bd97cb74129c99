import { noteRefusals } from "@shop/testkit/refusals";
import { readOperation } from "@shop/values/operations";
import { createClient, type Client } from "graphql-ws";
import { Pool } from "undici";
import { WebSocket } from "ws";
import type { Answer, DataOf, Document, OperationName, PayloadOf, Untyped, VariablesOf } from "./answer.ts";
import { openFeed, type Feed } from "./feed.ts";

/** A user of the shop's public API, as a front-end is: sends operations of schema/operations by their names, and documents. */
export type Shopper = {
  send<Name extends OperationName>(
    operation: Name,
    ...variables: VariablesOf<Name>
  ): Promise<Answer<DataOf<Name>>>;
  send(document: Document, variables?: object): Promise<Answer>;
  /** Sends, and throws for errors. */
  get<Name extends OperationName>(operation: Name, ...variables: VariablesOf<Name>): Promise<DataOf<Name>>;
  get(document: Document, variables?: object): Promise<Untyped>;
  /** Sends a mutation and gives the payload of its one field; throws for errors, user errors and problems. */
  carryOut<Name extends OperationName>(
    operation: Name,
    ...variables: VariablesOf<Name>
  ): Promise<PayloadOf<Name>>;
  subscribe<Name extends OperationName>(operation: Name, ...variables: VariablesOf<Name>): Feed<DataOf<Name>>;
  subscribe(document: Document, variables: object): Feed;
  /** The same shop, for the caller of this access token; a guest without one. */
  as(token: string | undefined): Shopper;
  close(): Promise<void>;
};

/** A named operation as a document, for variables that its types forbid. */
export const documentOf = (operation: OperationName): Document => readOperation(operation) as Document;

/** A shopper: a guest by default. */
export function shopper(url: string, token?: string, shared?: Pool): Shopper {
  const target = new URL(url);
  const pool = shared ?? new Pool(target.origin, { connections: 64 });
  const sockets: Client[] = [];
  const textOf = (operation: string) => (operation.includes("{") ? operation : readOperation(operation));

  const send = async (operation: string, variables: object = {}): Promise<Answer> => {
    const query = textOf(operation);
    const response = await pool.request({
      path: target.pathname,
      method: "POST",
      headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({ query, variables }),
    });
    const answer = (await response.body.json()) as Answer;
    noteRefusals(query, answer);
    return answer;
  };

  const get = async (operation: string, variables?: object): Promise<Untyped> => {
    const answer = await send(operation, variables);
    if (answer.errors) throw new Error(`${operation}: ${JSON.stringify(answer.errors)}`);
    return answer.data;
  };

  return {
    send,
    get,
    async carryOut(operation, ...[variables]) {
      const [payload] = Object.values((await get(operation, variables)) as Record<string, Untyped>);
      const refusals = [...(payload?.userErrors ?? []), ...(payload?.problems ?? [])];
      if (refusals.length > 0) throw new Error(`${operation} was refused: ${JSON.stringify(refusals)}`);
      return payload;
    },
    subscribe(operation: string, variables: object = {}): Feed {
      const client = createClient({
        url: url.replace(/^http/, "ws"),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        ...(token ? { connectionParams: { authorization: `Bearer ${token}` } } : {}),
      });
      sockets.push(client);
      return openFeed(client, textOf(operation), variables);
    },
    as: (other) => shopper(url, other, pool),
    async close() {
      for (const socket of sockets) await socket.dispose();
      if (!shared) await pool.destroy();
    },
  };
}
