import type { Exception } from "./exceptions.ts";
import type { Place } from "./find-words.ts";

/** How often each package may have each word: `{ "subgraphs/order": { "wish": 3 } }`. Counts only fall. */
export type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** A package that has a word more often, or less often, than its count. */
export type Change = { package: string; word: string; allowed: number; places: readonly Place[] };

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
  const found = Map.groupBy(places, keyOf);
  const keys = new Set([...found.keys(), ...Object.entries(counts).flatMap(keysOf)]);
  const changes = [...keys].map((key): Change => {
    const [name = "", word = ""] = key.split("\t");
    return { package: name, word, allowed: counts[name]?.[word] ?? 0, places: found.get(key) ?? [] };
  });
  return {
    risen: changes.filter(({ allowed, places: some }) => some.length > allowed),
    fallen: changes.filter(({ allowed, places: some }) => some.length < allowed),
  };
}

/** The counts of these places, sorted, so that a change of one package is a change of its lines. */
export function countsOf(places: readonly Place[]): Counts {
  const byPackage = Map.groupBy(places, (place) => place.package);
  return Object.fromEntries(
    [...byPackage].toSorted(byName).map(([name, some]) => {
      const byWord = [...Map.groupBy(some, ({ word }) => word)].toSorted(byName);
      return [name, Object.fromEntries(byWord.map(([word, all]) => [word, all.length]))];
    }),
  );
}

const keyOf = (place: Place) => `${place.package}\t${place.word}`;
const keysOf = ([name, words]: [string, Readonly<Record<string, number>>]) =>
  Object.keys(words).map((word) => `${name}\t${word}`);
const byName = ([one]: [string, unknown], [other]: [string, unknown]) => one.localeCompare(other);
