import { hash } from "node:crypto";
import { BoundedCache } from "@shop/service/bounded-cache";
import { countNodes, documentBytes } from "@shop/service/document-bytes";
import { print, stripIgnoredCharacters, type DocumentNode, type OperationDefinitionNode } from "graphql";
import { LRUCache } from "lru-cache";
import { objectBytes } from "./object-bytes.ts";

const maxBytes = 20 * 2 ** 20;
/** Texts in which clients write the operations that are planned: two hashes each, 3 MB. */
const maxTexts = 10_000;
const longestName = 64;

/** What is planned: an operation of a validated document. */
export interface AskedOperation {
  /** Stands for the document's text. */
  queryHash: string;
  document: DocumentNode;
  operation: OperationDefinitionNode;
}

interface Plannable {
  queryPlan: object;
  /** How many compiled shapes of the answer there may be: combinations of @include and @skip. */
  shapes: number;
  /** One of the shop's own operations. */
  isKnown: boolean;
}

/** The plans of operations that came at least twice, within 20 MB, and for good those of the shop's own. */
export class Plans<Planned extends Plannable> {
  readonly #plans = new BoundedCache<{ planned: Planned; document: DocumentNode }>({
    maxBytes,
    bytesOf: ({ planned, document }) => bytesOf(planned, document),
  });
  readonly #keys = new LRUCache<string, string>({ max: maxTexts });

  get bytes(): number {
    return this.#plans.bytes;
  }

  find(asked: AskedOperation, plan: () => Planned): Planned {
    const key = this.#keyOf(asked);
    const known = this.#plans.get(key);
    if (known) return known.planned;
    const planned = plan();
    this.#plans.offer(key, { planned, document: asked.document });
    return planned;
  }

  has(asked: AskedOperation): boolean {
    return this.#plans.has(this.#keyOf(asked));
  }

  pin(asked: AskedOperation, planned: Planned): void {
    this.#plans.pin(this.#keyOf(asked), { planned, document: asked.document });
  }

  /** Clients print the same operation with other white space; planning is what costs, so that is done once. */
  #keyOf({ queryHash, document, operation }: AskedOperation): string {
    const name = operation.name?.value ?? "";
    const text = `${queryHash} ${name.length > longestName ? hash("sha256", name) : name}`;
    const known = this.#keys.get(text);
    if (known !== undefined) return known;
    const key = hash("sha256", `${name} ${stripIgnoredCharacters(print(document))}`, "base64url");
    this.#keys.set(text, key);
    return key;
  }
}

/** Closures that shape an answer, for each node of the document: by heap 80 to 130 bytes. */
const shapeNodeBytes = 150;
/** The renamed copy of the document, which has no places of its own. */
const copyNodeBytes = 60;

function bytesOf({ queryPlan, shapes }: Plannable, document: DocumentNode): number {
  const nodes = countNodes(document);
  const text = document.loc?.source.body.length ?? 0;
  return (
    documentBytes(document, text) + nodes * (copyNodeBytes + shapes * shapeNodeBytes) + objectBytes(queryPlan)
  );
}
