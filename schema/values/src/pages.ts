import { isText } from "./text.ts";

/** The maximum size of a page. */
export const maxPageSize = 100;

/** Thrown when `first` or `after` of a connection is not acceptable; the message may be shown to the caller. */
export class InvalidPage extends Error {
  override readonly name = "InvalidPage";
  /** The argument at fault. */
  readonly argument: "first" | "after";
  constructor(argument: "first" | "after", message: string) {
    super(message);
    this.argument = argument;
  }
}

/** The given page size, or the fallback. Throws InvalidPage outside 1 to 100. */
export function pageSize(first: number | null | undefined, fallback = 20): number {
  const size = first ?? fallback;
  if (!Number.isInteger(size) || size < 1 || size > maxPageSize) {
    throw new InvalidPage("first", `"first" must be from 1 to ${maxPageSize}, got ${size}`);
  }
  return size;
}

/** The content of a cursor: the sort key of the row it points at. */
export type CursorParts = readonly (string | number)[];

/** An opaque cursor of the row's sort key. */
export function encodeCursor(parts: CursorParts): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** Reads a cursor whose parts have the given kinds. Throws InvalidPage on anything else, forged ones included. */
export function decodeCursor(cursor: string, kinds: readonly ("string" | "number")[]): CursorParts {
  const parts = parse(cursor);
  if (!parts || parts.length !== kinds.length || !parts.every((part, at) => isA(kinds[at], part))) {
    throw new InvalidPage(
      "after",
      `"after" must be a cursor that this list gave, got "${cursor.slice(0, 60)}"`,
    );
  }
  return parts as CursorParts;
}

/** Whether a store takes the value in a query: text that it can keep, a number within its exact range. */
function isA(kind: "string" | "number" | undefined, part: unknown): boolean {
  if (typeof part !== kind) return false;
  return typeof part === "string" ? isText(part) : Math.abs(Number(part)) <= Number.MAX_SAFE_INTEGER;
}

function parse(cursor: string): unknown[] | undefined {
  if (cursor.length > 2048) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** One page of a connection, in the shape that every `…Connection` type has. */
export type Page<T> = {
  edges: { cursor: string; node: T }[];
  nodes: T[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
  totalCount: number;
};

/** Builds a page from up to `size + 1` rows (the extra one shows that there is a next page). */
export function pageOf<T>(input: {
  rows: readonly T[];
  size: number;
  after: string | null | undefined;
  totalCount: number;
  cursorOf: (row: T) => string;
}): Page<T> {
  const nodes = input.rows.slice(0, input.size);
  const edges = nodes.map((node) => ({ cursor: input.cursorOf(node), node }));
  return {
    edges,
    nodes,
    totalCount: input.totalCount,
    pageInfo: {
      hasNextPage: input.rows.length > input.size,
      hasPreviousPage: Boolean(input.after),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
