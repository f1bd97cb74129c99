import { hash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { Operation } from "@shop/values/operations";
import { Kind, parse, specifiedRules, validate } from "graphql";
import type { Logger } from "pino";
import type { DocumentCache } from "./document-cache.ts";
import type { LoadedSupergraph } from "./supergraph.ts";

/** Plans known operations for good, one at a time between requests: planning a heavy one costs 100 ms. */
export async function planKnownOperations(
  supergraph: LoadedSupergraph,
  documents: DocumentCache,
  operations: Operation[],
  log: Logger,
): Promise<void> {
  for (const { name, text } of operations) {
    await setImmediate();
    try {
      const document = parse(text);
      const [wrong] = validate(supergraph.apiSchema, document, specifiedRules);
      if (wrong) throw wrong;
      const queryHash = hash("sha256", text);
      for (const definition of document.definitions) {
        if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
        supergraph.planKnown({ queryHash, document, operation: definition });
      }
      // Pinned once its plan is there: a pinned document isn't charged for planning.
      documents.pin(queryHash, document);
    } catch (error) {
      log.warn(
        { operation: name, reason: error instanceof Error ? error.message : String(error) },
        "not planned",
      );
    }
  }
}
