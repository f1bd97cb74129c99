/** Which rows have which attribute value; numbered lists that grow and shrink in place. */
export class Traits {
  private readonly numbers = new Map<string, number>();
  private readonly byName = new Map<string, { label: string; traits: number[] }>();
  private readonly known: { name: string; value: string; rows: RowList }[] = [];

  /** The trait's number from 1 on, and whether it is new. */
  add(name: string, value: string): { trait: number; isNew: boolean } {
    const key = keyOf(name, value);
    const number = this.numbers.get(key);
    if (number !== undefined) return { trait: number, isNew: false };
    const trait = this.known.push({ name, value, rows: new RowList() });
    this.numbers.set(key, trait);
    const named = this.byName.get(name.toLowerCase());
    if (named) named.traits.push(trait);
    else this.byName.set(name.toLowerCase(), { label: name, traits: [trait] });
    return { trait, isNew: true };
  }

  find(name: string, value: string): number {
    return this.numbers.get(keyOf(name, value)) ?? 0;
  }

  nameOf(trait: number): string {
    return this.known[trait - 1]?.name ?? "";
  }

  valueOf(trait: number): string {
    return this.known[trait - 1]?.value ?? "";
  }

  /** All values of a name in lower case. */
  valuesOf(name: string): readonly number[] {
    return this.byName.get(name)?.traits ?? [];
  }

  /** The name as it was first written. */
  labelOf(name: string): string {
    return this.byName.get(name)?.label ?? name;
  }

  rowsOf(trait: number): Int32Array {
    return this.known[trait - 1]?.rows.all() ?? new Int32Array();
  }

  link(row: number, traits: Int32Array): void {
    for (const trait of traits) this.known[trait - 1]?.rows.push(row);
  }

  unlink(row: number, traits: Int32Array): void {
    for (const trait of traits) this.known[trait - 1]?.rows.remove(row);
  }
}

class RowList {
  private rows = new Int32Array(1);
  private length = 0;

  push(row: number): void {
    if (this.length === this.rows.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.rows);
      this.rows = larger;
    }
    this.rows[this.length++] = row;
  }

  remove(row: number): void {
    const at = this.rows.subarray(0, this.length).indexOf(row);
    if (at < 0) return;
    this.rows[at] = this.rows[--this.length] ?? 0;
  }

  all(): Int32Array {
    return this.rows.subarray(0, this.length);
  }
}

function keyOf(name: string, value: string): string {
  return `${name.toLowerCase()}\u0000${value.toLowerCase()}`;
}
