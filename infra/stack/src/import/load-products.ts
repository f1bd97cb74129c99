import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { GraphClient } from "./graph-client.ts";
import type { ProductRecord } from "./product-record.ts";
import { withOwnSku } from "./read-records.ts";

/** How far a load is. */
export type Progress = { step: "products" | "stock" | "search"; done: number };

/** What a load did; `refused` names the records that the shop did not take. */
export type Loaded = {
  created: number;
  updated: number;
  unchanged: number;
  refused: { externalId: string; line?: number; reason: string }[];
};

const batchSize = 200;
const stockBatchSize = 500;
/** Inventory learns of a new SKU from an event; until then it does not know it. */
const maxWaitMs = 60_000;

const userErrors = z.array(
  z.object({ code: z.string(), message: z.string(), field: z.array(z.string()).nullable() }),
);
const imported = z.object({
  productsImport: z.object({
    results: z.array(
      z.object({
        index: z.int(),
        productId: z.string().nullable(),
        outcome: z.enum(["CREATED", "UPDATED", "UNCHANGED", "REJECTED"]),
        userErrors,
      }),
    ),
    userErrors,
  }),
});
const adjusted = z.object({
  stockAdjustMany: z.object({ results: z.array(z.object({ index: z.int(), userErrors })), userErrors }),
});
const found = z.object({
  search: z
    .object({ totalCount: z.int(), nodes: z.array(z.object({ id: z.string() }).nullable()) })
    .nullable(),
});

const importMutation = `mutation ProductsImport($records: [ProductRecordInput!]!) {
  productsImport(input: { records: $records }) {
    results { index productId outcome userErrors { code message field } }
    userErrors { code message field }
  }
}`;
const stockMutation = `mutation StockAdjustMany($inputs: [StockAdjustInput!]!) {
  stockAdjustMany(inputs: $inputs) {
    results { index userErrors { code message field } }
    userErrors { code message field }
  }
}`;
const searchQuery = `query Find($query: String) { search(query: $query, first: 20) { totalCount nodes { id } } }`;

type Sent = { record: ProductRecord; productId: string };
type Adjustment = {
  sku: string;
  warehouseCode: string;
  delta: number;
  reason: string;
  idempotencyKey: string;
};

/**
 * Loads products and their first stock over the public API, and returns when all of it can be found by search. Loading the
 * same again changes nothing: catalog knows each record by its id, and stock is booked under a key of the record's own.
 */
export async function loadProducts(
  graph: GraphClient,
  records: AsyncIterable<ProductRecord> | Iterable<ProductRecord>,
  onProgress: (progress: Progress) => void,
): Promise<Loaded> {
  const loaded: Loaded = { created: 0, updated: 0, unchanged: 0, refused: [] };
  const samples: Sent[] = [];
  const stock: Adjustment[] = [];
  let done = 0;
  let booked = 0;
  let booking = Promise.resolve();

  const book = (adjustments: Adjustment[]) => {
    booking = booking.then(async () => {
      await bookStock(graph, adjustments);
      booked += adjustments.length;
      onProgress({ step: "stock", done: booked });
    });
    // Awaited below; a failure in between must not end the process.
    booking.catch(() => undefined);
  };

  for await (const batch of inBatches(records, batchSize)) {
    const sent = await sendProducts(graph, batch, loaded);
    done += batch.length;
    onProgress({ step: "products", done });
    const last = sent.at(-1);
    if (last) samples.push(last);
    stock.push(...sent.flatMap(({ record }) => adjustmentsOf(record)));
    while (stock.length >= stockBatchSize) book(stock.splice(0, stockBatchSize));
  }
  if (stock.length > 0) book(stock);
  await booking;
  const count = loaded.created + loaded.updated + loaded.unchanged;
  await untilFound(graph, samples, count, (part) => onProgress({ step: "search", done: part }));
  return loaded;
}

async function sendProducts(graph: GraphClient, batch: ProductRecord[], loaded: Loaded): Promise<Sent[]> {
  const { productsImport: first } = await graph.send(
    importMutation,
    { records: batch.map(toInput) },
    imported,
  );
  refuseAll(first.userErrors);
  const sent: Sent[] = [];
  const taken: ProductRecord[] = [];
  for (const result of first.results) {
    const record = batch[result.index];
    if (!record) continue;
    const isSkuTaken = result.userErrors.some(
      ({ code, field }) => code === "CONFLICT" && field?.at(-1) === "sku",
    );
    if (result.outcome === "REJECTED" && isSkuTaken) taken.push(withOwnSku(record));
    else note(loaded, sent, record, result);
  }
  if (taken.length === 0) return sent;
  const { productsImport: second } = await graph.send(
    importMutation,
    { records: taken.map(toInput) },
    imported,
  );
  refuseAll(second.userErrors);
  for (const result of second.results) {
    const record = taken[result.index];
    if (record) note(loaded, sent, record, result);
  }
  return sent;
}

function note(
  loaded: Loaded,
  sent: Sent[],
  record: ProductRecord,
  result: z.infer<typeof imported>["productsImport"]["results"][number],
): void {
  if (result.outcome === "REJECTED" || result.productId === null) {
    const reason = result.userErrors
      .map(({ message, field }) => `${field?.join(".").replace(inBatch, "") || "record"}: ${message}`)
      .join("; ");
    const { externalId, line } = record;
    loaded.refused.push({ externalId, ...(line !== undefined && { line }), reason });
    return;
  }
  if (result.outcome === "CREATED") loaded.created++;
  else if (result.outcome === "UPDATED") loaded.updated++;
  else loaded.unchanged++;
  sent.push({ record, productId: result.productId });
}

/** The record's place in a batch, which tells nobody anything. */
const inBatch = /^input\.records\.\d+\.?/;

async function bookStock(graph: GraphClient, adjustments: Adjustment[]): Promise<void> {
  let left = adjustments;
  for (const until = Date.now() + maxWaitMs; left.length > 0;) {
    const { stockAdjustMany: answer } = await graph.send(stockMutation, { inputs: left }, adjusted);
    refuseAll(answer.userErrors);
    const unknown: Adjustment[] = [];
    for (const { index, userErrors: errors } of answer.results) {
      const adjustment = left[index];
      if (!adjustment || errors.length === 0) continue;
      if (errors.every(({ code }) => code === "NOT_FOUND") && Date.now() < until) unknown.push(adjustment);
      else
        throw new Error(
          `The stock of ${adjustment.sku} could not be booked: ${errors.map((one) => one.message).join("; ")}`,
        );
    }
    left = unknown;
    if (left.length > 0) await pause(200);
  }
}

/** Search takes events in the order in which catalog told them: once the last of each batch is found, all are. */
async function untilFound(
  graph: GraphClient,
  samples: Sent[],
  count: number,
  onPart: (found: number) => void,
): Promise<void> {
  for (let left = samples, until = Date.now() + maxWaitMs; left.length > 0;) {
    const next = left[0];
    if (!next) return;
    const { search } = await graph.send(searchQuery, { query: next.record.variants[0]?.sku ?? "" }, found);
    if (search?.nodes.some((node) => node?.id === next.productId)) {
      left = left.slice(1);
      onPart(Math.round(((samples.length - left.length) / samples.length) * count));
      until = Date.now() + maxWaitMs;
    } else if (Date.now() > until) {
      throw new Error(
        `"${next.record.title}" was loaded, but search does not find it. Run the import again later.`,
      );
    } else {
      await pause(250);
    }
  }
}

function toInput({ variants, line: _line, ...record }: ProductRecord) {
  return { ...record, variants: variants.map(({ units: _units, ...variant }) => variant) };
}

function adjustmentsOf(record: ProductRecord): Adjustment[] {
  return record.variants.flatMap(({ sku, units }) =>
    Object.entries(units)
      .filter(([, delta]) => delta > 0)
      .map(([warehouseCode, delta]) => ({
        sku,
        warehouseCode,
        delta,
        reason: "first stock",
        idempotencyKey: `first-stock:${digest(`${record.externalId}:${sku}`)}:${warehouseCode}`,
      })),
  );
}

/** SKUs may be longer than a key. */
function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

function refuseAll(errors: z.infer<typeof userErrors>): void {
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("; "));
}

async function* inBatches<T>(items: AsyncIterable<T> | Iterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
