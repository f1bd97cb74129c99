import type { Exception } from "./exceptions.ts";
import type { Place } from "./find-words.ts";

/** The number of places that each package may have: `{ "subgraphs/order": 3 }`. Counts only fall. */
export type Counts = Readonly<Record<string, number>>;

/** A package with more, or fewer, places than its count. */
export type Change = { package: string; allowed: number; places: readonly Place[] };

/** The places that no exception is for. */
export function withoutExceptions(places: readonly Place[], exceptions: readonly Exception[]): Place[] {
  const left = new Map(exceptions.map((it) => [`${it.file} ${it.word}`, it.times]));
  return places.filter(({ file, word }) => {
    const times = left.get(`${file} ${word}`) ?? 0;
    left.set(`${file} ${word}`, times - 1);
    return times <= 0;
  });
}

/** The packages whose counts have risen, and those whose counts have fallen. */
export function compare(places: readonly Place[], counts: Counts): { risen: Change[]; fallen: Change[] } {
  const found = Map.groupBy(places, (place) => place.package);
  const changes = [...new Set([...found.keys(), ...Object.keys(counts)])].map((name): Change => {
    return { package: name, allowed: counts[name] ?? 0, places: found.get(name) ?? [] };
  });
  return {
    risen: changes.filter(({ allowed, places: some }) => some.length > allowed),
    fallen: changes.filter(({ allowed, places: some }) => some.length < allowed),
  };
}

/** The counts of these places, sorted, so that a change of one package is a change of its line. */
export function countsOf(places: readonly Place[]): Counts {
  const byPackage = Map.groupBy(
    places.toSorted((one, other) => one.package.localeCompare(other.package)),
    (place) => place.package,
  );
  return Object.fromEntries([...byPackage].map(([name, some]) => [name, some.length]));
}
