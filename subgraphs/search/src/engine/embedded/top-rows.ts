/** Selects the rows with the highest scores, in a heap whose root is the lowest of them. */
export class TopRows {
  private readonly rows: Int32Array;
  private readonly scores: Float64Array;
  private length = 0;

  constructor(size: number) {
    this.rows = new Int32Array(size);
    this.scores = new Float64Array(size);
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
    if (this.length < this.rows.length) {
      this.rise(this.length++, row, score);
      return;
    }
    // By index: destructuring the arrays costs more than all else here.
    if (score > (this.scores[0] ?? 0)) this.sink(row, score);
  }

  /** The rows by score, the best first; ties by row number. */
  best(): number[] {
    return Array.from({ length: this.length }, (_, at) => at)
      .sort(
        (a, b) => (this.scores[b] ?? 0) - (this.scores[a] ?? 0) || (this.rows[a] ?? 0) - (this.rows[b] ?? 0),
      )
      .map((at) => this.rows[at] ?? 0);
  }

  private rise(from: number, row: number, score: number): void {
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if ((this.scores[above] ?? 0) <= score) break;
      this.move(above, at);
      at = above;
    }
    this.put(at, row, score);
  }

  private sink(row: number, score: number): void {
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= this.length) break;
      if (below + 1 < this.length && (this.scores[below + 1] ?? 0) < (this.scores[below] ?? 0)) below++;
      if ((this.scores[below] ?? 0) >= score) break;
      this.move(below, at);
      at = below;
    }
    this.put(at, row, score);
  }

  private move(from: number, to: number): void {
    this.put(to, this.rows[from] ?? 0, this.scores[from] ?? 0);
  }

  private put(at: number, row: number, score: number): void {
    this.rows[at] = row;
    this.scores[at] = score;
  }
}
