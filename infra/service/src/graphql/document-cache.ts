import { hash } from "node:crypto";
import {
  execute,
  GraphQLError,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import { BoundedCache } from "../runtime/bounded-cache.ts";
import { compileQuery, type RunQuery } from "./compile-query.ts";
import { countNodes } from "./document-bytes.ts";
import { RefCountedMap, type Use } from "../runtime/ref-counted-map.ts";

/** A validated document, and its operations as they have been compiled so far. */
export type KeptDocument = {
  document: DocumentNode;
  text: string;
  compiled: Map<OperationDefinitionNode, RunQuery>;
};

/** The documents of one schema. */
export type DocumentCache = {
  /** The document of a text, or what is wrong with it. `isKnown` keeps it for good. */
  find(text: string, isKnown?: boolean): KeptDocument | readonly GraphQLError[];
  /** The same for as long as a subscription runs: one copy for all of one text. */
  use(text: string, isKnown?: boolean): Use<KeptDocument> | readonly GraphQLError[];
  run(kept: KeptDocument, operation: OperationDefinitionNode): RunQuery;
};

/** A node of a document that was compiled and run retains 410 to 540 bytes, by heap; its text comes beside. */
const compiledNodeBytes = 600;

/** For all services of a process: some 70 documents of 30 fields in each of eight services. */
const maxBytes = 24 * 2 ** 20;
/** Known operations make some 150 fetches; nothing but a fault of the gateway would ask to keep more of them for good. */
const maxPinned = 2_000;

const cache = new BoundedCache<KeptDocument>({
  maxBytes,
  bytesOf: ({ document, text }) => countNodes(document) * compiledNodeBytes + 2 * text.length,
});
let schemas = 0;
let subscriptions = 0;

/** The subscriptions of all services of this process. */
export function runningSubscriptions(): number {
  return subscriptions;
}

/** Keeps a schema's documents parsed, validated and compiled, in a cache that all services of a process share. */
export function keptDocuments(schema: GraphQLSchema): DocumentCache {
  const schemaKey = ++schemas;
  const running = new RefCountedMap<KeptDocument>();
  let pinned = 0;
  const keyOf = (text: string) => `${schemaKey} ${hash("sha256", text, "base64url")}`;

  function findByKey(key: string, text: string, isKnown: boolean): KeptDocument | readonly GraphQLError[] {
    const known = cache.get(key);
    if (known && (!isKnown || cache.isPinned(key))) return known;
    const checked = known ?? check(schema, text);
    if (!("document" in checked)) return checked;
    if (isKnown && pinned < maxPinned) {
      pinned++;
      cache.pin(key, checked);
    } else cache.offer(key, checked);
    return checked;
  }

  return {
    find: (text, isKnown = false) => findByKey(keyOf(text), text, isKnown),
    use(text, isKnown = false) {
      const key = keyOf(text);
      if (running.has(key)) return counted(running.use(key, unreachable));
      const found = findByKey(key, text, isKnown);
      return "document" in found ? counted(running.use(key, () => found)) : found;
    },
    run({ document, compiled }, operation) {
      const known = compiled.get(operation);
      if (known) return known;
      const operationName = operation.name?.value ?? null;
      const fresh =
        compileQuery(schema, document, operation) ??
        ((contextValue, variableValues, rootValue) =>
          execute({ schema, document, contextValue, variableValues, operationName, rootValue }));
      compiled.set(operation, fresh);
      return fresh;
    },
  };
}

function counted<Value>(use: Use<Value>): Use<Value> {
  subscriptions++;
  let isOver = false;
  return {
    value: use.value,
    [Symbol.dispose]() {
      if (!isOver) subscriptions--;
      isOver = true;
      use[Symbol.dispose]();
    },
  };
}

function check(schema: GraphQLSchema, text: string): KeptDocument | readonly GraphQLError[] {
  try {
    // Only the gateway reads the errors, and to it places in its own text say nothing.
    const document = parse(text, { maxTokens: 20_000, noLocation: true });
    const errors = validate(schema, document, specifiedRules);
    if (errors.length === 0) return { document, text, compiled: new Map() };
    return errors.map((error) => notValid(error.message));
  } catch (error) {
    return [notValid(error instanceof Error ? error.message : "the query can't be parsed")];
  }
}

function notValid(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "GRAPHQL_VALIDATION_FAILED" } });
}

function unreachable(): never {
  throw new Error("a document in use was not found");
}
