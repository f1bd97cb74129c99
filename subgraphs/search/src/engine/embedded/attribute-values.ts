import { maxDistinctValues, maxFacetValueLength } from "../../query/facets/facet-values.ts";
import type { CountedValue } from "../search-index.ts";
import { grown } from "./grown.ts";

/** The rows of each attribute value (facet value). A value is a name and a text, both without case, and has an id. */
export class AttributeValues {
  private readonly numbers = new Map<string, number>();
  private readonly known: { name: number; value: string; rows: RowList }[] = [];
  private readonly nameNumbers = new Map<string, number>();
  private readonly names: { key: string; label: string; valueIds: number[]; inUse: number }[] = [];

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

  /** The ids of all values of a name. */
  valuesOf(name: number): readonly number[] {
    return this.names[name]?.valueIds ?? [];
  }

  /** Whether products have few values of the name, none of them long: choices, no measurements and no texts. */
  isChoice(name: string): boolean {
    const { valueIds, inUse } = this.names[this.findName(name) ?? -1] ?? { valueIds: [], inUse: 0 };
    const isShort = (valueId: number) => {
      const { rows, value } = this.known[valueId - 1] ?? { rows: noRows, value: "" };
      return rows.size === 0 || value.length <= maxFacetValueLength;
    };
    return inUse <= maxDistinctValues && valueIds.every(isShort);
  }

  /** The values of a name that have a count or are selected, by these counts of all values. */
  counted(name: number, counts: Int32Array, selected: readonly string[]): CountedValue[] {
    const lower = new Set(selected.map((value) => value.toLowerCase()));
    return this.valuesOf(name).flatMap((valueId) => {
      const [count, value] = [counts[valueId] ?? 0, this.known[valueId - 1]?.value ?? ""];
      const isShown = count > 0 || (lower.size > 0 && lower.has(value.toLowerCase()));
      return isShown ? [{ value, label: value, count }] : [];
    });
  }

  /** The name in lower case. */
  keyOf(name: number): string {
    return this.names[name]?.key ?? "";
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
    const number = this.names.push({ key: name.toLowerCase(), label: name, valueIds: [], inUse: 0 }) - 1;
    this.nameNumbers.set(name.toLowerCase(), number);
    return number;
  }
}

class RowList {
  private rows = new Int32Array(1);
  private length = 0;

  push(row: number): void {
    if (this.length === this.rows.length) this.rows = grown(this.rows, this.length * 2);
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

const noRows = new RowList();

function keyOf(name: string, value: string): string {
  return `${name.toLowerCase()}\u0000${value.toLowerCase()}`;
}
