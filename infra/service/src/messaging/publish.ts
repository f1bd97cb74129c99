import { randomUUID } from "node:crypto";
import type { NatsConnection } from "nats";
import type { OutboxRow } from "../postgres/transaction.ts";

/** An event of the outbox or its log, under its number there. */
export type Outgoing = OutboxRow;

/** An event that JetStream has acknowledged: its place in the stream, which is an earlier one for a duplicate. */
export type Sent = { no: number; at: number; isDuplicate: boolean };

/**
 * Publishes in order within a chain, side by side across chains; a chain ends at its first failure. The server drops a second
 * message under the same id for two minutes. Events published `again` get a new id each time: an event's own id is known to
 * all by then, and any service could have used it up.
 */
export async function publishInChains(
  rows: readonly Outgoing[],
  nc: NatsConnection,
  { again = false }: { again?: boolean } = {},
): Promise<{ sent: Sent[]; failure: Error | undefined }> {
  const js = nc.jetstream();
  const run = again ? `:${randomUUID()}` : "";
  const sent: Sent[] = [];
  let failure: Error | undefined;
  const publishChain = async (chain: readonly Outgoing[]) => {
    for (const { no, event_id: id, subject, body } of chain) {
      const ack = await js.publish(subject, body, { msgID: `${id}${run}`, timeout: 5_000 });
      sent.push({ no, at: ack.seq, isDuplicate: ack.duplicate });
    }
  };
  await Promise.all(
    [...Map.groupBy(rows, ({ chain }) => chain).values()].map((chain) =>
      publishChain(chain).catch((error: unknown) => {
        failure = error instanceof Error ? error : new Error(String(error));
      }),
    ),
  );
  return { sent, failure };
}
