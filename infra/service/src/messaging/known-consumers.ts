import type { Redis } from "ioredis";
import type { Postgres } from "../postgres/transaction.ts";

/** When each consumer of a service was made, kept so that the service knows after a restart that one of them is another. */
export type ConsumerMemory = {
  read(consumer: string): Promise<string | undefined>;
  write(consumer: string, created: string): Promise<void>;
};

export function memoryInPostgres({ sql }: Pick<Postgres, "sql">): ConsumerMemory {
  return cached({
    async read(consumer) {
      const [row] = await sql<{ created: string }[]>`
        select created from known_consumers where consumer = ${consumer}`;
      return row?.created;
    },
    async write(consumer, created) {
      await sql`
        insert into known_consumers (consumer, created) values (${consumer}, ${created})
        on conflict (consumer) do update set created = excluded.created`;
    },
  });
}

/** In Redis, for a service without a database; while Redis is away, in this process alone. */
export function memoryInRedis(redis: Redis | undefined, service: string): ConsumerMemory {
  const keyOf = (consumer: string) => `${service}:kit:consumer:${consumer}`;
  return cached({
    read: async (consumer) => (await redis?.get(keyOf(consumer)).catch(() => undefined)) ?? undefined,
    async write(consumer, created) {
      await redis?.set(keyOf(consumer), created).catch(() => undefined);
    },
  });
}

/** Reads the store once for each consumer. */
function cached(memory: ConsumerMemory): ConsumerMemory {
  const known = new Map<string, string>();
  return {
    async read(consumer) {
      const created = known.get(consumer) ?? (await memory.read(consumer));
      if (created !== undefined) known.set(consumer, created);
      return created;
    },
    async write(consumer, created) {
      await memory.write(consumer, created);
      known.set(consumer, created);
    },
  };
}
