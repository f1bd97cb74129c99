/** Selects the rows with the highest scores, in a heap whose root is the lowest of them, without an object for each row. */
export class TopRows {
  private readonly rows: Int32Array;
  private readonly scores: Float64Array;
  private readonly tie: ((row: number, other: number) => number) | undefined;
  private length = 0;

  /** With a `tie`, of equal scores the rows that it puts first are selected, else those that were offered first. */
  constructor(size: number, tie?: (row: number, other: number) => number) {
    this.rows = new Int32Array(size);
    this.scores = new Float64Array(size);
    this.tie = tie;
  }

  /** Whether a row with this score would be selected. */
  takes(score: number): boolean {
    return this.length < this.rows.length || score > (this.scores[0] ?? 0);
  }

  has(row: number): boolean {
    for (let at = 0; at < this.length; at++) if (this.rows[at] === row) return true;
    return false;
  }

  offer(row: number, score: number): void {
    if (this.length < this.rows.length) this.rise(this.length++, row, score);
    else if (this.isLower(0, row, score)) this.sink(row, score);
  }

  /** The rows by score, the best first; ties by `tie`, else by row number. */
  best(): number[] {
    const { rows, scores, tie = (row, other) => row - other } = this;
    const row = (at: number) => rows[at] ?? 0;
    return Array.from({ length: this.length }, (_, at) => at)
      .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || tie(row(a), row(b)))
      .map(row);
  }

  // By index: destructuring the arrays costs more than all else here.
  private isLower(at: number, row: number, score: number): boolean {
    const there = this.scores[at] ?? 0;
    return (
      there < score || (there === score && this.tie !== undefined && this.tie(this.rows[at] ?? 0, row) > 0)
    );
  }

  private rise(from: number, row: number, score: number): void {
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const isHigher =
        !this.isLower(above, row, score) && (this.tie !== undefined || this.scores[above] !== score);
      if (!isHigher) break;
      this.put(at, this.rows[above] ?? 0, this.scores[above] ?? 0);
      at = above;
    }
    this.put(at, row, score);
  }

  private sink(row: number, score: number): void {
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= this.length) break;
      const next = below + 1;
      if (next < this.length && this.isLower(next, this.rows[below] ?? 0, this.scores[below] ?? 0))
        below = next;
      if (!this.isLower(below, row, score)) break;
      this.put(at, this.rows[below] ?? 0, this.scores[below] ?? 0);
      at = below;
    }
    this.put(at, row, score);
  }

  private put(at: number, row: number, score: number): void {
    this.rows[at] = row;
    this.scores[at] = score;
  }
}
