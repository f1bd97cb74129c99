type Numbers = Uint8Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** A copy of an array with room for more; the rest is zero. */
export function grown<A extends Numbers>(array: A, length: number): A {
  const larger = new (array.constructor as new (length: number) => A)(length);
  larger.set(array);
  return larger;
}
