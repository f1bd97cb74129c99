export function isSame(one: Int32Array, other: Int32Array): boolean {
  return one.length === other.length && one.every((number, at) => number === other[at]);
}

export function bytesOf(numbers: Int32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

export function numbersIn(stored: unknown): Int32Array {
  if (!(stored instanceof Uint8Array)) return new Int32Array();
  return new Int32Array(stored.buffer, stored.byteOffset, stored.byteLength / 4);
}

export function textIn(stored: unknown): string {
  return typeof stored === "string" ? stored : "";
}
