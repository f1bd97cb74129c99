import { hash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { GraphClient } from "./graph-client.ts";
import type { ProductRecord } from "./product-record.ts";
import { withOwnSku } from "./read-records.ts";

/** The progress of a load. */
export type Progress = { step: "products" | "stock" | "search"; done: number };

/** The outcome of a load; `refused` has the records that the shop refused. */
export type Loaded = {
  created: number;
  updated: number;
  unchanged: number;
  refused: { externalId: string; line?: number; reason: string }[];
};

const batchSize = 200;
const stockBatchSize = 500;
/** Inventory gets a new SKU by an event, and answers NOT_FOUND until then. */
const maxWaitMs = 60_000;

const userErrors = z.array(
  z.object({ code: z.string(), message: z.string(), field: z.array(z.string()).nullable() }),
);
type UserErrors = z.infer<typeof userErrors>;
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
type Adjustment = ReturnType<typeof adjustmentsOf>[number];

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

/** Imports a batch; a record whose SKU another product has is sent once more under a SKU of its own. */
async function sendProducts(
  graph: GraphClient,
  batch: ProductRecord[],
  loaded: Loaded,
  isRetry = false,
): Promise<Sent[]> {
  const variables = { records: batch.map(toInput) };
  const { productsImport: answer } = await graph.send(importMutation, variables, imported);
  throwErrors(answer.userErrors);
  const sent: Sent[] = [];
  const conflicting: ProductRecord[] = [];
  for (const { index, outcome, productId, userErrors: errors } of answer.results) {
    const record = batch[index];
    if (!record) continue;
    const isSkuTaken = errors.some(({ code, field }) => code === "CONFLICT" && field?.at(-1) === "sku");
    if (outcome === "REJECTED" && isSkuTaken && !isRetry) conflicting.push(withOwnSku(record));
    else if (outcome === "REJECTED" || productId === null) loaded.refused.push(refusalOf(record, errors));
    else {
      loaded[outcome === "CREATED" ? "created" : outcome === "UPDATED" ? "updated" : "unchanged"]++;
      sent.push({ record, productId });
    }
  }
  return conflicting.length === 0
    ? sent
    : [...sent, ...(await sendProducts(graph, conflicting, loaded, true))];
}

function refusalOf({ externalId, line }: ProductRecord, errors: UserErrors): Loaded["refused"][number] {
  // The index of a record in its batch says nothing about the file.
  const fieldOf = (field: string[] | null) => field?.join(".").replace(/^input\.records\.\d+\.?/, "");
  const reason = errors.map(({ message, field }) => `${fieldOf(field) || "record"}: ${message}`).join("; ");
  return { externalId, ...(line !== undefined && { line }), reason };
}

async function bookStock(graph: GraphClient, adjustments: Adjustment[]): Promise<void> {
  let left = adjustments;
  for (const until = Date.now() + maxWaitMs; left.length > 0;) {
    const { stockAdjustMany: answer } = await graph.send(stockMutation, { inputs: left }, adjusted);
    throwErrors(answer.userErrors);
    const unknown: Adjustment[] = [];
    for (const { index, userErrors: errors } of answer.results) {
      const adjustment = left[index];
      if (!adjustment || errors.length === 0) continue;
      const isUnknown = errors.every(({ code }) => code === "NOT_FOUND") && Date.now() < until;
      if (!isUnknown) throwErrors(errors, `The stock of ${adjustment.sku} could not be booked: `);
      unknown.push(adjustment);
    }
    left = unknown;
    if (left.length > 0) await pause(200);
  }
}

/** Search indexes events in the order in which catalog published them: once the last of each batch is found, all are. */
async function untilFound(
  graph: GraphClient,
  samples: Sent[],
  count: number,
  onPart: (found: number) => void,
): Promise<void> {
  let until = Date.now() + maxWaitMs;
  for (let next = samples[0], at = 0; next; next = samples[at]) {
    const { search } = await graph.send(searchQuery, { query: next.record.variants[0]?.sku ?? "" }, found);
    if (search?.nodes.some((node) => node?.id === next.productId)) {
      at += 1;
      onPart(Math.round((at / samples.length) * count));
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

function adjustmentsOf(record: ProductRecord) {
  return record.variants.flatMap(({ sku, units }) =>
    Object.entries(units)
      .filter(([, delta]) => delta > 0)
      .map(([warehouseCode, delta]) => ({
        sku,
        warehouseCode,
        delta,
        reason: "first stock",
        // A hash, because a SKU may be longer than a key.
        idempotencyKey: `first-stock:${hash("sha256", `${record.externalId}:${sku}`, "base64url")}:${warehouseCode}`,
      })),
  );
}

function throwErrors(errors: UserErrors, prefix = ""): void {
  if (errors.length > 0) throw new Error(prefix + errors.map(({ message }) => message).join("; "));
}

async function* inBatches<T>(items: AsyncIterable<T> | Iterable<T>, size: number): AsyncGenerator<T[]> {
  const batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length === size) yield batch.splice(0);
  }
  if (batch.length > 0) yield batch;
}
