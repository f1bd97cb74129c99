/** The rows of each attribute value (facet value). A value is a name and a text, both without case, and has an id. */
export class AttributeValues {
  private readonly numbers = new Map<string, number>();
  private readonly known: { name: number; value: string; rows: RowList }[] = [];
  private readonly nameNumbers = new Map<string, number>();
  private readonly names: { label: string; valueIds: number[]; inUse: number }[] = [];

  /** The value's id from 1 on, and whether it is new. */
  add(name: string, value: string): { id: number; isNew: boolean } {
    const key = keyOf(name, value);
    const number = this.numbers.get(key);
    if (number !== undefined) return { id: number, isNew: false };
    const nameNumber = this.addName(name);
    const valueId = this.known.push({ name: nameNumber, value, rows: new RowList() });
    this.numbers.set(key, valueId);
    this.names[nameNumber]?.valueIds.push(valueId);
    return { id: valueId, isNew: true };
  }

  find(name: string, value: string): number {
    return this.numbers.get(keyOf(name, value)) ?? 0;
  }

  /** The number of an attribute name, from 0 on, in any case; undefined for an unknown name. */
  findName(name: string): number | undefined {
    return this.nameNumbers.get(name.toLowerCase());
  }

  /** The number of the value's name. */
  nameOf(valueId: number): number {
    return this.known[valueId - 1]?.name ?? 0;
  }

  valueOf(valueId: number): string {
    return this.known[valueId - 1]?.value ?? "";
  }

  /** The ids of all values of a name. */
  valuesOf(name: number): readonly number[] {
    return this.names[name]?.valueIds ?? [];
  }

  /** Whether any product has the value now. */
  isInUse(valueId: number): boolean {
    return (this.known[valueId - 1]?.rows.size ?? 0) > 0;
  }

  /** The number of values of a name that products have now. */
  valuesInUse(name: number): number {
    return this.names[name]?.inUse ?? 0;
  }

  /** The name as it was first written. */
  labelOf(name: number): string {
    return this.names[name]?.label ?? "";
  }

  forEachRow(valueId: number, visit: (row: number) => void): void {
    this.known[valueId - 1]?.rows.forEach(visit);
  }

  /** The sum of rows over all values of a name: the cost of counting by values. */
  entriesOf(name: number): number {
    return this.valuesOf(name).reduce((sum, valueId) => sum + (this.known[valueId - 1]?.rows.size ?? 0), 0);
  }

  /** The number of marked rows of a value. */
  count(valueId: number, isMarked: Uint8Array): number {
    return this.known[valueId - 1]?.rows.count(isMarked) ?? 0;
  }

  /** The number of values; ids begin at 1. */
  get size(): number {
    return this.known.length;
  }

  link(row: number, valueIds: Int32Array): void {
    for (const valueId of valueIds) this.change(valueId, (rows) => rows.push(row));
  }

  unlink(row: number, valueIds: Int32Array): void {
    for (const valueId of valueIds) this.change(valueId, (rows) => rows.remove(row));
  }

  private change(valueId: number, change: (rows: RowList) => void): void {
    const known = this.known[valueId - 1];
    const name = known && this.names[known.name];
    if (!name) return;
    const before = Math.min(1, known.rows.size);
    change(known.rows);
    name.inUse += Math.min(1, known.rows.size) - before;
  }

  private addName(name: string): number {
    const known = this.findName(name);
    if (known !== undefined) return known;
    const number = this.names.push({ label: name, valueIds: [], inUse: 0 }) - 1;
    this.nameNumbers.set(name.toLowerCase(), number);
    return number;
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

  get size(): number {
    return this.length;
  }

  count(isMarked: Uint8Array): number {
    let count = 0;
    for (let at = 0; at < this.length; at++) count += isMarked[this.rows[at] ?? 0] ?? 0;
    return count;
  }

  forEach(visit: (row: number) => void): void {
    for (let at = 0; at < this.length; at++) visit(this.rows[at] ?? 0);
  }
}

function keyOf(name: string, value: string): string {
  return `${name.toLowerCase()}\u0000${value.toLowerCase()}`;
}
