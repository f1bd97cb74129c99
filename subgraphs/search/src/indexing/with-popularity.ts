import type { ActivityStore } from "../activity/activity-store.ts";
import type { IndexDocument } from "../engine/engine.ts";

/** The documents with the popularity of their products. */
export async function withPopularity(
  store: Pick<ActivityStore, "popularityOf">,
  documents: readonly IndexDocument[],
): Promise<IndexDocument[]> {
  const popularity = await store.popularityOf(documents.map(({ id }) => id));
  return documents.map((document) => ({ ...document, popularity: popularity.get(document.id) ?? 0 }));
}
