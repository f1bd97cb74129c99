import { grown } from "./grown.ts";

/** A short list of numbers for each row, all in one array, without an object for each row. */
export class RowLists {
  private numbers = new Int32Array(4096);
  private used = 0;
  private wasted = 0;
  private starts = new Int32Array(1024);
  private lengths = new Int32Array(1024);

  of(row: number): Int32Array {
    const start = this.starts[row] ?? 0;
    return this.numbers.subarray(start, start + (this.lengths[row] ?? 0));
  }

  /** An estimate of how many numbers these rows have, by a sample of about 100 rows. */
  sizeOf(rows: Int32Array): number {
    const step = Math.max(1, Math.floor(rows.length / 100));
    let [size, looked] = [0, 0];
    for (let at = 0; at < rows.length; at += step, looked++) size += this.lengths[rows[at] ?? 0] ?? 0;
    return looked === 0 ? 0 : (size * rows.length) / looked;
  }

  /** Counts the occurrences of each number in these rows. */
  count(rows: Int32Array, counts: Int32Array): void {
    const { numbers, starts, lengths } = this;
    for (let each = 0; each < rows.length; each++) {
      const row = rows[each] ?? 0;
      const start = starts[row] ?? 0;
      const end = start + (lengths[row] ?? 0);
      for (let at = start; at < end; at++) {
        const number = numbers[at] ?? 0;
        counts[number] = (counts[number] ?? 0) + 1;
      }
    }
  }

  set(row: number, list: Int32Array): void {
    if (row >= this.starts.length) this.reserveRows(row);
    this.wasted += this.lengths[row] ?? 0;
    const { length } = list;
    if (this.used + length > this.numbers.length) this.makeRoom(length);
    this.numbers.set(list, this.used);
    this.starts[row] = this.used;
    this.lengths[row] = length;
    this.used += length;
  }

  private reserveRows(row: number): void {
    const size = Math.max(row + 1, this.starts.length * 2);
    [this.starts, this.lengths] = [grown(this.starts, size), grown(this.lengths, size)];
  }

  // Compacts the gaps of changed rows first.
  private makeRoom(length: number): void {
    const live = this.used - this.wasted;
    const larger = new Int32Array(Math.max(this.numbers.length, 2 * live, live + length));
    let at = 0;
    for (let row = 0; row < this.starts.length; row++) {
      const list = this.of(row);
      if (list.length === 0) continue;
      larger.set(list, at);
      this.starts[row] = at;
      at += list.length;
    }
    [this.numbers, this.used, this.wasted] = [larger, at, 0];
    if (this.used + length > this.numbers.length) this.numbers = grown(this.numbers, this.numbers.length * 2);
  }
}
