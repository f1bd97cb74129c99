import type { StatementSync } from "node:sqlite";
import type { QueryPlan } from "../analysis/plan-query.ts";
import { candidateCount } from "../ranking/limits.ts";
import { fieldWeights } from "../ranking/rank.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import type { FailedFilters } from "./filter-rows.ts";

/** Rows that match a text, with the filters that each fails. */
export type Matches = {
  rows: Int32Array;
  failed: Int32Array;
  length: number;
};

/** Runs plans against the text index. SQLite calls back for each matching row, so that one pass matches, filters and ranks. */
export class Matcher {
  private readonly statement: StatementSync;
  private rows = new Int32Array(1024);
  private failed = new Int32Array(1024);
  private length = 0;
  private check: FailedFilters = () => 0;

  constructor(index: EmbeddedIndex) {
    index.database.function("passes", (row) => (this.see(Number(row)) ? 1 : 0));
    this.statement = index.prepare(
      `SELECT rowid AS row FROM text WHERE text MATCH ? AND passes(rowid)
       ORDER BY bm25(text, ${fieldWeights.join(", ")}) LIMIT ${candidateCount}`,
    );
  }

  /** All matches, and those of them that pass the filters and look best. */
  match(
    plan: QueryPlan,
    all: "all terms" | "any term",
    check: FailedFilters,
  ): { matches: Matches; candidates: number[] } {
    this.length = 0;
    this.check = check;
    const expression = expressionOf(plan, all === "all terms" ? " AND " : " OR ");
    const candidates = expression === "" ? [] : this.statement.all(expression).map(({ row }) => Number(row));
    const matches = {
      rows: this.rows.slice(0, this.length),
      failed: this.failed.slice(0, this.length),
      length: this.length,
    };
    return { matches, candidates };
  }

  private see(row: number): boolean {
    if (this.length === this.rows.length) {
      this.rows = doubled(this.rows);
      this.failed = doubled(this.failed);
    }
    const failed = this.check(row);
    this.rows[this.length] = row;
    this.failed[this.length++] = failed;
    return failed === 0;
  }
}

function expressionOf(plan: QueryPlan, operator: string): string {
  return plan.groups
    .map((group) => group.map(({ terms }) => `"${terms.join(" ")}"`))
    .map((alternatives) => `(${[...new Set(alternatives)].join(" OR ")})`)
    .join(operator);
}

function doubled(numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
