/** Published events stay so long in the stream, and in the outbox logs, from which a lost stream is published again. */
export const eventRetentionDays = 7;
