import { readOperation } from "@shop/values/operations";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { z } from "zod";

/** A push as it came: the status, the cursor, and when, in ms. */
export type TicketPush = { status: string; cursor: string; position: number | null; atMs: number };

/** Follows a ticket over a socket of its own. */
export type Follower = {
  /** Opens the socket. */
  connect(): Promise<void>;
  /** Subscribes; `onHold` is called at the first HOLDING. Settles with all pushes at the ticket's final status. */
  follow(ticketId: string, onHold: () => void): Promise<TicketPush[]>;
  close(): Promise<void>;
};

const finals = new Set(["BOUGHT", "EXPIRED", "LEFT", "SOLD_OUT"]);
const pushed = z.object({
  data: z.object({
    flashSaleTicketUpdated: z.object({
      status: z.string(),
      cursor: z.string(),
      position: z.number().nullable(),
    }),
  }),
});

/** A socket of one customer. */
export function openFollower(url: string, accessToken: string): Follower {
  const opened = Promise.withResolvers<void>();
  const client = createClient({
    url: url.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${accessToken}` },
    on: { connected: () => opened.resolve(), error: (error) => opened.reject(error as Error) },
    onNonLazyError: (error) => opened.reject(error as Error),
  });
  return {
    connect: () => opened.promise,
    follow(ticketId, onHold) {
      const { promise, resolve, reject } = Promise.withResolvers<TicketPush[]>();
      const pushes: TicketPush[] = [];
      client.subscribe(
        { query: readOperation("flash-sale-ticket-updated"), variables: { ticketId } },
        {
          next(push) {
            const atMs = performance.timeOrigin + performance.now();
            const read = pushed.safeParse(push);
            if (!read.success) return reject(new Error(JSON.stringify(push)));
            const ticket = read.data.data.flashSaleTicketUpdated;
            const isFirstHold =
              ticket.status === "HOLDING" && !pushes.some(({ status }) => status === "HOLDING");
            pushes.push({ ...ticket, atMs });
            if (isFirstHold) onHold();
          },
          error: (error) => reject(new Error(`the subscription failed: ${JSON.stringify(error)}`)),
          complete: () =>
            finals.has(pushes.at(-1)?.status ?? "")
              ? resolve(pushes)
              : reject(new Error(`the subscription ended after ${JSON.stringify(pushes.at(-1))}`)),
        },
      );
      return promise;
    },
    close: async () => await client.dispose(),
  };
}
