import type { Postgres } from "../postgres/transaction.ts";

/** When each consumer of a service was made, kept so that the service knows after a restart that one of them is another. */
export type ConsumerMemory = {
  read(consumer: string): Promise<string | undefined>;
  write(consumer: string, created: string): Promise<void>;
};

/** The memory in known_consumers; each consumer is read once. */
export function consumerMemory({ sql }: Pick<Postgres, "sql">): ConsumerMemory {
  const known = new Map<string, string>();
  return {
    async read(consumer) {
      const cached = known.get(consumer);
      if (cached !== undefined) return cached;
      const [row] = await sql<{ created: string }[]>`
        select created from known_consumers where consumer = ${consumer}`;
      if (row) known.set(consumer, row.created);
      return row?.created;
    },
    async write(consumer, created) {
      await sql`
        insert into known_consumers (consumer, created) values (${consumer}, ${created})
        on conflict (consumer) do update set created = excluded.created`;
      known.set(consumer, created);
    },
  };
}
