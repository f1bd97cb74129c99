import { Client } from "@elastic/elasticsearch";

/** Removes all that an engine with this prefix has made, so that a test leaves nothing behind. */
export async function removeIndices(url: string, prefix: string): Promise<void> {
  const client = new Client({ node: url });
  const indices = Object.keys(await client.indices.get({ index: `${prefix}-*` }));
  if (indices.length > 0) await client.indices.delete({ index: indices });
  await client.close();
}
