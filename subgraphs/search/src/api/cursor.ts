import { badInput } from "@shop/service";
import { decodeCursor, encodeCursor } from "@shop/values";
import type { Place, Sort } from "../engine/engine.ts";

/** The cursor of a place; it is valid for one sort only, since the key belongs to the sort. */
export function cursorOf({ tier, key, version, id }: Place, sort: Sort): string {
  return encodeCursor([sort, tier, key, version, id]);
}

/** The place of a cursor; throws BAD_USER_INPUT for one of another sort, or of an earlier release. */
export function readCursor(after: string, wanted: Sort): Place {
  const parts = decodeCursor(after, ["string", "number", "number", "number", "string"]);
  const [sort, tier, key, version, id] = parts;
  if (sort !== wanted) {
    throw badInput(`"after" is a cursor of another sort: ask for the first page of ${wanted}`, ["after"]);
  }
  return { tier: Number(tier), key: Number(key), version: Number(version), id: String(id) };
}
