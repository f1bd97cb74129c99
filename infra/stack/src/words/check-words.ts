import { readFileSync, writeFileSync } from "node:fs";
import { exceptions } from "./exceptions.ts";
import { findWords } from "./find-words.ts";
import { compare, countsOf, withoutExceptions, type Change, type Counts } from "./ratchet.ts";
import { rules } from "./rules.ts";

// Part of `npm run check`. Fails when a package has a word of `rules.ts` more often than `counts.json` allows;
// `npm run words -- --update` lowers the counts that have fallen, and `npm run words -- <package>` lists all its places.

const countsFile = new URL("counts.json", import.meta.url);
const counts = JSON.parse(readFileSync(countsFile, "utf8")) as Counts;
const places = withoutExceptions(findWords(), exceptions);
const { risen, fallen } = compare(places, counts);
/** Of one word in one package: `npm run words -- <package>` shows all. */
const maxShown = 20;
const [asked] = process.argv.slice(2);

if (asked === "--update" && risen.length === 0) {
  writeFileSync(countsFile, `${JSON.stringify(countsOf(places), null, 2)}\n`);
  console.log(`${places.length} places are left`);
} else if (asked !== undefined && asked !== "--update") {
  for (const place of places.filter((it) => it.package === asked)) console.log(show(place));
} else {
  for (const change of risen) printRisen(change);
  for (const { package: name, word, allowed, places: some } of fallen)
    console.log(`${name}: "${word}" ${some.length} times, from ${allowed}: run npm run words -- --update`);
  if (risen.length > 0) process.exitCode = 1;
}

function printRisen({ package: name, word, allowed, places: some }: Change): void {
  const say = rules.find((rule) => rule.word === word)?.say ?? "";
  console.log(`${name}: "${word}" ${some.length} times, and ${allowed} are allowed. Better: ${say}.`);
  for (const place of some.slice(0, maxShown)) console.log(`  ${show(place)}`);
  if (some.length > maxShown) console.log(`  and more: npm run words -- ${name}`);
}

function show({ file, line, word }: { file: string; line: number; word: string }): string {
  return `${file}:${line} ${word}`;
}
