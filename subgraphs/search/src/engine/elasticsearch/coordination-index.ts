import type { Client } from "@elastic/elasticsearch";

/** The index by which instances coordinate: the rebuild lock, and the mark of the last write. It has no data. */
export function coordinationIndex(client: Client, prefix: string) {
  const index = `${prefix}-coordination`;
  return {
    index,
    /** Creates the index if it is missing. */
    async ensure(): Promise<void> {
      if (await client.indices.exists({ index })) return;
      await client.indices.create({ index, mappings: { dynamic: false } }).catch(async (error: unknown) => {
        if (!(await client.indices.exists({ index }))) throw error;
      });
    },
  };
}
