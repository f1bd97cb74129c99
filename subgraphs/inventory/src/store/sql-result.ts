/** An act that changed nothing, and why. */
export type Ignored = { outcome: "ignored"; reason: string };

/** The row that a function of the database returned, selected as `result`. */
export function resultOf<Result>([row]: readonly { result?: Result }[]): Result {
  if (row?.result === undefined) throw new Error("a function of the database returned no row");
  return row.result;
}
