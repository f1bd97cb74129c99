import { z } from "zod";

export type ConsumerNeed = {
  kind: "inbox" | "projection";
  subjects: readonly string[];
  maxAckPending: number;
  ackWaitS: number;
};

/** A provisioner of an earlier release doesn't say how far a consumer is. */
const progress = z.object({
  name: z.string().default(""),
  pending: z.int().default(0),
  inHand: z.int().default(0),
  sentUpTo: z.int().default(0),
  isBound: z.boolean(),
});

/** How far a consumer is: events that it has yet to be sent, those that it has in hand, and the last that it was sent. */
export type ConsumerProgress = z.infer<typeof progress>;

const provided = z.object({
  stream: z.object({
    created: z.string(),
    firstSeq: z.int(),
    lastSeq: z.int(),
    deleted: z.int(),
    counts: z.record(z.string(), z.int()).optional(),
  }),
  consumer: progress
    .extend({
      created: z.string(),
      reached: z.int(),
      isFiltered: z.boolean(),
      subjects: z.array(z.string()),
    })
    .optional(),
  consumers: z.array(progress).default([]),
  republishing: z.array(z.string()).default([]),
});
export const provisionAnswer = z.discriminatedUnion("ok", [
  provided.extend({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), error: z.string() }),
]);

/**
 * How the stream stands (when it was made, the sequences that it holds, how many within are deleted) and the consumer: when
 * it was made, up to where all is acknowledged, whether the server filters it (before 2.10 it can't), whether anything is
 * subscribed to it, and the subjects that it is for. `republishing` names the services that publish lost events again;
 * a caller that is one of them gets the progress of all `consumers`.
 */
export type Provision = z.infer<typeof provided>;
