import type { Alternative, QueryPlan } from "../../text/query-plan.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import type { FailedFilters } from "./filter-rows.ts";
import { grown } from "./grown.ts";
import { headFlag, nameFlag, placeOf, strengthMask } from "./postings.ts";
import { TopRows } from "./top-rows.ts";

/** The matching rows, with the filters that each fails. The arrays are valid until the next search. */
export type Matches = {
  rows: Int32Array;
  failed: Int32Array;
  length: number;
  /** The number of rows that pass all filters. */
  passing: number;
  /** The union of the filters that rows fail. */
  failing: number;
};

/** The postings of an alternative, and the weight of a posting of full strength. */
type Source = { entries: Uint32Array; weight: number; headBonus: number };

/**
 * Runs plans against the postings in memory: FTS5 takes a microsecond or more for each match, and common words of a large
 * collection have a hundred thousand. FTS5 answers only what needs the order of words: phrases.
 */
export class Matcher {
  private readonly index: EmbeddedIndex;
  // Per row: the last group that matched it, its best score in that group, and its sum over all groups.
  private stage = new Int32Array(1024);
  private best = new Float32Array(1024);
  private sum = new Float32Array(1024);
  private lastStage = 0;
  /** The last stage of the query before. */
  private stageBefore = 0;
  // Reused by all queries: the garbage collection of new arrays would stop all searches.
  private rows = new Int32Array(1024);
  private failed = new Int32Array(1024);
  private length = 0;

  constructor(index: EmbeddedIndex) {
    this.index = index;
  }

  /** All matches, and as candidates the best `limit` of those that pass the filters. */
  match(plan: QueryPlan, check: FailedFilters, limit: number): { matches: Matches; candidates: number[] } {
    this.begin();
    const groups = plan.groups.map((group, at) =>
      group.flatMap((alternative) => this.sourceOf(alternative, group, at === plan.head)),
    );
    this.intersect(groups, 0);
    if (plan.required) this.addNamed(groups, plan.required);
    const matches = this.filtered(check);
    const top = new TopRows(limit);
    const { rows, failed, length } = matches;
    for (let at = 0; at < length; at++) {
      const row = rows[at] ?? 0;
      if (failed[at] === 0) top.offer(row, this.sum[row] ?? 0);
    }
    return { matches, candidates: top.best() };
  }

  /** All live rows; the candidates are those that pass the filters, in stock before out of stock, then by static rank. */
  matchAll(check: FailedFilters, limit: number): { matches: Matches; candidates: number[] } {
    const { columns } = this.index;
    const { isLive, rows, liveRows } = columns;
    this.begin();
    this.reserve(liveRows);
    const top = new TopRows(limit);
    for (let row = 1; row <= rows; row++) {
      if (isLive[row] !== 1) continue;
      this.rows[this.length++] = row;
      if (limit > 0 && check(row) === 0) top.offer(row, columns.browseRankOf(row));
    }
    return { matches: this.filtered(check), candidates: top.best() };
  }

  private sourceOf({ terms, weight }: Alternative, group: readonly Alternative[], isHead: boolean): Source[] {
    const { vocabulary, postings } = this.index;
    const [only, ...more] = terms;
    const entries =
      more.length === 0 ? postings.of(vocabulary.idOf(only ?? "")) : this.index.phrasePostings(terms);
    if (entries.length === 0) return [];
    const frequency = Math.max(
      ...group.map((each) =>
        Math.min(...each.terms.map((term) => vocabulary.frequency(vocabulary.idOf(term)))),
      ),
    );
    const idf = Math.log(1 + (vocabulary.documents - frequency + 0.5) / (frequency + 0.5));
    return [
      { entries, weight: (weight * idf) / strengthMask, headBonus: isHead ? headBonus * weight * idf : 0 },
    ];
  }

  private begin(): void {
    const needed = this.index.columns.rows + 1;
    if (needed > this.stage.length) {
      const size = needed * 2;
      this.stage = new Int32Array(size);
      this.best = new Float32Array(size);
      this.sum = new Float32Array(size);
      this.lastStage = 0;
    }
    if (this.lastStage > 2 ** 30) {
      this.stage.fill(0);
      this.lastStage = 0;
    }
    this.stageBefore = this.lastStage;
    this.length = 0;
  }

  private intersect(groups: readonly Source[][], flag: number): void {
    const [first = [], ...others] = groups.toSorted((one, other) => sizeOf(one) - sizeOf(other));
    this.unite(first, flag);
    for (const group of others) {
      const before = this.lastStage;
      const now = ++this.lastStage;
      for (const source of group) {
        if (this.length * scanningShare < source.entries.length) this.lookUp(source, before, now, flag);
        else this.scan(source, before, now, flag);
      }
      let kept = 0;
      for (let at = 0; at < this.length; at++) {
        const row = this.rows[at] ?? 0;
        if (this.stage[row] === now) this.rows[kept++] = row;
      }
      this.length = kept;
    }
  }

  // Scans all postings of the source, where they are few enough to beat a look-up of each row.
  private scan(source: Source, before: number, now: number, flag: number): void {
    const { stage } = this;
    const { entries } = source;
    for (let at = 0; at < entries.length; at++) {
      const entry = entries[at] ?? 0;
      if ((entry & flag) !== flag) continue;
      const row = entry >>> 8;
      const seen = stage[row];
      if (seen === before || seen === now) this.count(row, scoreOf(entry, source), seen === now, now);
    }
  }

  // Rows whose name has the required groups join those that have all; what they have of the others counts for the order.
  private addNamed(groups: readonly Source[][], required: readonly number[]): void {
    const whole = this.rows.slice(0, this.length);
    const sums = Float32Array.from(whole, (row) => this.sum[row] ?? 0);
    this.stageBefore = this.lastStage;
    this.length = 0;
    this.intersect(
      groups.filter((_, at) => required.includes(at)),
      nameFlag,
    );
    groups.forEach((group, at) => {
      if (!required.includes(at)) this.addScores(group);
    });
    this.reserve(whole.length);
    for (const [at, row] of whole.entries()) {
      if (this.stage[row] === this.lastStage) continue;
      this.rows[this.length++] = row;
      this.sum[row] = sums[at] ?? 0;
    }
  }

  // A group that a match may lack: rows that have it score more.
  private addScores(group: readonly Source[]): void {
    const before = this.lastStage;
    const now = ++this.lastStage;
    for (const source of group) this.lookUp(source, before, now, 0);
    for (let at = 0; at < this.length; at++) this.stage[this.rows[at] ?? 0] = now;
  }

  private lookUp(source: Source, before: number, now: number, flag: number): void {
    const { entries } = source;
    for (let at = 0; at < this.length; at++) {
      const row = this.rows[at] ?? 0;
      const seen = this.stage[row];
      if (seen !== before && seen !== now) continue;
      const entry = entries[placeOf(entries, entries.length, row)] ?? 0;
      if (entry >>> 8 === row && (entry & flag) === flag)
        this.count(row, scoreOf(entry, source), seen === now, now);
    }
  }

  private count(row: number, score: number, isAgain: boolean, now: number): void {
    const best = isAgain ? (this.best[row] ?? 0) : 0;
    if (score <= best) return;
    this.sum[row] = (this.sum[row] ?? 0) + score - best;
    this.best[row] = score;
    this.stage[row] = now;
  }

  // Adds all rows of the group; the scores of rows of earlier groups grow.
  private unite(group: readonly Source[], flag: number): void {
    const now = ++this.lastStage;
    const { stage, sum, best, stageBefore } = this;
    for (const source of group) {
      const { entries } = source;
      this.reserve(entries.length);
      for (let at = 0; at < entries.length; at++) {
        const entry = entries[at] ?? 0;
        if ((entry & flag) !== flag) continue;
        const row = entry >>> 8;
        const score = scoreOf(entry, source);
        const seen = stage[row] ?? 0;
        if (seen <= stageBefore) {
          this.rows[this.length++] = row;
          sum[row] = score;
          best[row] = score;
          stage[row] = now;
        } else this.count(row, score, seen === now, now);
      }
    }
  }

  private reserve(more: number): void {
    if (this.length + more <= this.rows.length) return;
    this.rows = grown(this.rows, Math.max(this.length + more, this.rows.length * 2));
  }

  private filtered(check: FailedFilters): Matches {
    const { rows, length } = this;
    if (length > this.failed.length) this.failed = new Int32Array(rows.length);
    const { failed } = this;
    let passing = 0;
    let failing = 0;
    for (let at = 0; at < length; at++) {
      const fails = check(rows[at] ?? 0);
      failed[at] = fails;
      failing |= fails;
      if (fails === 0) passing++;
    }
    return {
      rows: rows.subarray(0, length),
      failed: failed.subarray(0, length),
      length,
      passing,
      failing,
    };
  }
}

/** What a row gains whose head word the noun of the query is, as a share of the best match of that noun. */
const headBonus = 1;

function scoreOf(entry: number, { weight, headBonus: bonus }: Source): number {
  return (entry & strengthMask) * weight + ((entry & headFlag) !== 0 ? bonus : 0);
}

// From this many postings per row on, a look-up of each row beats a scan of all postings.
const scanningShare = 24;

function sizeOf(group: readonly Source[]): number {
  return group.reduce((sum, { entries }) => sum + entries.length, 0);
}
