import type { Msg } from "nats";

/** A message of a consumer, until it is settled by one of `ack`, `nak` and `term`. None of them throws. */
export type Delivery = {
  subject: string;
  /** Its place in the stream. */
  seq: number;
  /** How often it has been delivered, this time included. */
  deliveries: number;
  text(): string;
  /** Settles it as handled. */
  ack(): void;
  /** Has it delivered again, after the delay. */
  nak(delayMs?: number): void;
  /** The heartbeat: begins the consumer's `ack_wait` anew. */
  working(): void;
  /** Settles it as never to be delivered again, though it was not handled. */
  term(): void;
};

/**
 * Reads a message that a push consumer delivered; undefined for one that no consumer has sent. Written here, since
 * nats.js offers its own reader only to clients that may ask JetStream for the consumer.
 */
export function readDelivery(message: Msg): Delivery | undefined {
  const place = placeOf(message.reply ?? "");
  if (!place) return undefined;
  const settle = (word: string) => {
    try {
      message.respond(word);
    } catch {
      // The connection has ended: an unsettled message is delivered again.
    }
  };
  return {
    ...place,
    subject: message.subject,
    text: () => message.string(),
    ack: () => settle("+ACK"),
    nak: (delayMs) =>
      settle(delayMs === undefined ? "-NAK" : `-NAK ${JSON.stringify({ delay: Math.round(delayMs * 1e6) })}`),
    working: () => settle("+WPI"),
    term: () => settle("+TERM"),
  };
}

/** `$JS.ACK.<stream>.<consumer>.<deliveries>.<seq>.…`; newer servers put a domain and an account before the stream. */
function placeOf(reply: string): { seq: number; deliveries: number } | undefined {
  const words = reply.split(".");
  if (words[0] !== "$JS" || words[1] !== "ACK") return undefined;
  const at = words.length >= 11 ? 6 : 4;
  const [deliveries, seq] = [Number(words[at]), Number(words[at + 1])];
  return Number.isSafeInteger(seq) && Number.isSafeInteger(deliveries) ? { seq, deliveries } : undefined;
}
