import type { DocumentNode } from "graphql";

/**
 * Bytes that a node of a parsed document retains, measured by heap: 90 to 125 bytes without its place in the text, 150 to 190
 * with it. Upper bounds, since names of fields and aliases are among them.
 */
const nodeBytes = 130;
const locatedNodeBytes = 200;

/** How many nodes a parsed document has, names among them. */
export function countNodes(document: DocumentNode): number {
  let nodes = 0;
  const left: unknown[] = [document];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (Array.isArray(next)) {
      for (const one of next) left.push(one);
      continue;
    }
    if (typeof next !== "object" || next === null) continue;
    nodes++;
    for (const [name, part] of Object.entries(next))
      if (name !== "loc" && typeof part === "object" && part !== null) left.push(part);
  }
  return nodes;
}

/**
 * Estimates what a parsed document retains, in bytes: its nodes, and the text, which names longer than a dozen characters
 * keep alive as a whole (V8 slices it). `textLength` counts twice, as a text beyond Latin-1 takes.
 */
export function documentBytes(document: DocumentNode, textLength: number): number {
  return countNodes(document) * (document.loc ? locatedNodeBytes : nodeBytes) + 2 * textLength;
}

/**
 * Frees the words and signs of a parsed text, which are linked to each other and to each node: half of what a document
 * retains. The places of errors stay known.
 */
export function dropTokens(document: DocumentNode): void {
  const left: unknown[] = [document];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next !== "object" || next === null) continue;
    for (const [name, part] of Object.entries(next)) {
      if (typeof part !== "object" || part === null) continue;
      if (name !== "loc") left.push(part);
      else for (const end of ["startToken", "endToken"]) Reflect.set(part, end, undefined);
    }
  }
}
