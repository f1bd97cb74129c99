import type { Client } from "@elastic/elasticsearch";
import type { Language } from "../../text/language.ts";
import { ItemError } from "../errors.ts";
import type { IndexDocument, SkuStock } from "../engine.ts";
import { toElastic, type ElasticDocument } from "./elastic-document.ts";

/** The aliases of a generation. Writes require them, so that a wiped index is an error and not a new, empty one. */
export type Target = {
  products: string;
  stock: string;
  /** Whether searches read it: then each write refreshes it; a generation that is being filled saves the effort. */
  isSearched: boolean;
};

/** A changed product: its documents before and now. */
export type Change = { before: ElasticDocument | undefined; now: ElasticDocument };

/** The result of a write, known also if it failed half-way. */
export type WriteOutcome = {
  changes: Change[];
  /** False when more may have been written than was answered. */
  isAll: boolean;
};

type StockDocument = { sku: string; available: number };
type Known = { source: ElasticDocument; seqNo: number; primaryTerm: number };

/**
 * Writes changes and adds their results to `outcome`. Older versions never win: stock is written by external version, products
 * by compare-and-set. If product and stock overtake each other, either order ends alike, because each write reads the other
 * part after it has written its own.
 */
export async function writeElastic(
  client: Client,
  target: Target,
  documents: readonly IndexDocument[],
  stock: readonly SkuStock[],
  languages: readonly [Language, ...Language[]],
  outcome: WriteOutcome,
): Promise<void> {
  await writeStock(client, target, stock);
  const fresh = new Map(documents.map((document) => [document.id, document]));
  let ids = [...new Set([...fresh.keys(), ...stock.map(({ productId }) => productId)])];
  for (let tries = 0; ids.length > 0; tries++) {
    if (tries === maxAttempts)
      throw new Error(`products keep changing under the writer: ${ids.slice(0, 3).join(", ")}`);
    const planned = await planChanges(client, target, ids, fresh, languages);
    ids = await writeProducts(client, target, planned, outcome);
  }
}

const maxAttempts = 10;

async function writeStock(client: Client, target: Target, stock: readonly SkuStock[]): Promise<void> {
  if (stock.length === 0) return;
  const { items } = await client.bulk({
    require_alias: true,
    operations: stock.flatMap(({ sku, available, version }) => [
      { index: { _index: target.stock, _id: sku, version, version_type: "external" as const } },
      { sku, available } satisfies StockDocument,
    ]),
  });
  for (const { index } of items) {
    if (index?.error && index.status !== 409)
      throw new ItemError(index.status, index.error.reason ?? index.error.type);
  }
}

type Planned = Change & { known: Known | undefined };

async function planChanges(
  client: Client,
  target: Target,
  ids: readonly string[],
  fresh: ReadonlyMap<string, IndexDocument>,
  languages: readonly [Language, ...Language[]],
): Promise<Planned[]> {
  const known = await readKnown(client, target, ids);
  const skus = ids.flatMap((id) => [...(fresh.get(id)?.skus ?? []), ...(known.get(id)?.source.skus ?? [])]);
  const available = await readStock(client, target, [...new Set(skus)]);
  const isInStock = (own: readonly string[]) => own.some((sku) => (available.get(sku) ?? 0) > 0);
  return ids.flatMap((id): Planned[] => {
    const document = fresh.get(id);
    const before = known.get(id);
    if (document && (!before || document.version > before.source.version)) {
      const popularity = Math.max(document.popularity ?? 0, before?.source.popularity ?? 0);
      const now = toElastic({ ...document, popularity }, isInStock(document.skus), languages);
      return [{ before: before?.source, now, known: before }];
    }
    if (!before) return [];
    const inStock = isInStock(before.source.skus);
    if (inStock === before.source.in_stock) return [];
    return [{ before: before.source, now: { ...before.source, in_stock: inStock }, known: before }];
  });
}

async function readKnown(
  client: Client,
  target: Target,
  ids: readonly string[],
): Promise<Map<string, Known>> {
  const { docs } = await client.mget<ElasticDocument>({ index: target.products, ids: [...ids] });
  const known = new Map<string, Known>();
  for (const found of docs) {
    if ("error" in found) throw new ItemError(503, found.error.reason ?? found.error.type);
    if (!found.found || !found._source) continue;
    known.set(found._id, {
      source: found._source,
      seqNo: found._seq_no ?? 0,
      primaryTerm: found._primary_term ?? 0,
    });
  }
  return known;
}

async function readStock(
  client: Client,
  target: Target,
  skus: readonly string[],
): Promise<Map<string, number>> {
  if (skus.length === 0) return new Map();
  const { docs } = await client.mget<StockDocument>({ index: target.stock, ids: [...skus] });
  return new Map(
    docs.flatMap((found) => {
      // Stock that can't be read now doesn't count as sold out.
      if ("error" in found) throw new ItemError(503, found.error.reason ?? found.error.type);
      return found._source ? [[found._id, found._source.available]] : [];
    }),
  );
}

async function writeProducts(
  client: Client,
  target: Target,
  planned: readonly Planned[],
  outcome: WriteOutcome,
): Promise<string[]> {
  if (planned.length === 0) return [];
  outcome.isAll = false;
  const { items } = await client.bulk({
    refresh: target.isSearched,
    require_alias: true,
    operations: planned.flatMap(({ now, known }) => [
      known
        ? {
            index: {
              _index: target.products,
              _id: now.id,
              if_seq_no: known.seqNo,
              if_primary_term: known.primaryTerm,
            },
          }
        : { create: { _index: target.products, _id: now.id } },
      now,
    ]),
  });
  outcome.isAll = true;
  const conflicts: string[] = [];
  const failures: ItemError[] = [];
  items.forEach((item, at) => {
    const result = item.index ?? item.create;
    const change = planned[at];
    if (!result || !change) return;
    if (result.status === 409) conflicts.push(change.now.id);
    else if (result.error)
      failures.push(
        new ItemError(result.status, `${change.now.id}: ${result.error.reason ?? result.error.type}`),
      );
    else outcome.changes.push({ before: change.before, now: change.now });
  });
  // A failure of the server takes precedence over one of a document: after the former everything is retried.
  const [worst] = failures.toSorted((one, other) => other.status - one.status);
  if (worst) throw worst;
  return conflicts;
}
