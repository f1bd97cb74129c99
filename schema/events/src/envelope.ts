import { serviceNames } from "@shop/values";
import { z } from "zod";

/** The fields of every event besides its data. */
export const envelope = z.object({
  /** UUIDv7; a consumer drops an event whose id it has handled. */
  id: z.uuid(),
  type: z.string(),
  /** Version of the data's form. A consumer ignores fields that it doesn't know. */
  schemaVersion: z.int().default(1),
  producer: z.enum(serviceNames),
  /** The thing that changed and its version after the change: an older version than known is ignored. */
  aggregate: z.object({ id: z.string(), version: z.int() }),
  /** The order that this belongs to, if it is part of a checkout. */
  sagaId: z.string().optional(),
  /** The id of the event that led to this one. */
  causationId: z.string().optional(),
  occurredAt: z.iso.datetime(),
  traceparent: z.string().optional(),
});

/** An event's envelope, without its data. */
export type Envelope = z.infer<typeof envelope>;
