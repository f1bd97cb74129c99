import { hash } from "node:crypto";
import { BoundedCache } from "@shop/service/bounded-cache";
import { countNodes, documentBytes } from "@shop/service/document-bytes";
import { print, stripIgnoredCharacters, type DocumentNode, type OperationDefinitionNode } from "graphql";
import { LRUCache } from "lru-cache";
import { objectBytes } from "./object-bytes.ts";

const maxBytes = 20 * 2 ** 20;
/** Texts of planned operations, as clients write them: two hashes each, 3 MB. */
const maxTexts = 10_000;
const maxNameLength = 64;

/** An operation of a validated document. */
export interface ValidatedOperation {
  /** The SHA-256 of the document's text. */
  queryHash: string;
  document: DocumentNode;
  operation: OperationDefinitionNode;
}

interface Plannable {
  queryPlan: object;
  /** How many response shapes may be compiled: combinations of @include and @skip. */
  shapes: number;
  /** One of the shop's own operations. */
  isKnown: boolean;
}

/** The plans of operations that came at least twice, within 20 MB; those of the shop's own operations stay for good. */
export class PlanCache<Planned extends Plannable> {
  readonly #plans = new BoundedCache<{ planned: Planned; document: DocumentNode }>({
    maxBytes,
    bytesOf: ({ planned, document }) => bytesOf(planned, document),
  });
  readonly #keys = new LRUCache<string, string>({ max: maxTexts });

  get bytes(): number {
    return this.#plans.bytes;
  }

  find(validated: ValidatedOperation, plan: () => Planned): Planned {
    const key = this.#keyOf(validated);
    const known = this.#plans.get(key);
    if (known) return known.planned;
    const planned = plan();
    this.#plans.offer(key, { planned, document: validated.document });
    return planned;
  }

  has(validated: ValidatedOperation): boolean {
    return this.#plans.has(this.#keyOf(validated));
  }

  pin(validated: ValidatedOperation, planned: Planned): void {
    this.#plans.pin(this.#keyOf(validated), { planned, document: validated.document });
  }

  /** The same for an operation that clients print with other white space: planning is expensive, so it happens once. */
  #keyOf({ queryHash, document, operation }: ValidatedOperation): string {
    const name = operation.name?.value ?? "";
    const text = `${queryHash} ${name.length > maxNameLength ? hash("sha256", name) : name}`;
    const known = this.#keys.get(text);
    if (known !== undefined) return known;
    const key = hash("sha256", `${name} ${stripIgnoredCharacters(print(document))}`, "base64url");
    this.#keys.set(text, key);
    return key;
  }
}

/** The closures of a response shape, for each node of the document: 80 to 130 bytes of heap. */
const shapeNodeBytes = 150;
/** The renamed copy of the document, which has no source locations. */
const copyNodeBytes = 60;

function bytesOf({ queryPlan, shapes }: Plannable, document: DocumentNode): number {
  const nodes = countNodes(document);
  const text = document.loc?.source.body.length ?? 0;
  return (
    documentBytes(document, text) + nodes * (copyNodeBytes + shapes * shapeNodeBytes) + objectBytes(queryPlan)
  );
}
