import { readFileSync, writeFileSync } from "node:fs";
import { exceptions } from "./exceptions.ts";
import { findWords, type Place } from "./find-words.ts";
import { compare, countsOf, withoutExceptions, type Counts } from "./ratchet.ts";
import { rules } from "./rules.ts";

// Part of `npm run check`. Fails when a package has words of `rules.ts` more often than `counts.json` allows;
// `npm run words -- --update` lowers the counts that have fallen, and `npm run words -- <package>` lists all its places.

const countsFile = new URL("counts.json", import.meta.url);
const counts = JSON.parse(readFileSync(countsFile, "utf8")) as Counts;
const places = withoutExceptions(findWords(), exceptions);
const { risen, fallen } = compare(places, counts);
const [argument] = process.argv.slice(2);

if (argument === "--update" && risen.length === 0) {
  writeFileSync(countsFile, `${JSON.stringify(countsOf(places), null, 2)}\n`);
  console.log(`${places.length} places are left`);
} else if (argument !== undefined && argument !== "--update") {
  show(places.filter((it) => it.package === argument));
} else {
  for (const { package: name, allowed, places: some } of risen) {
    console.log(`${name}: ${some.length} words that the code base doesn't use, and ${allowed} are allowed.`);
    show(some);
  }
  for (const { package: name, allowed, places: some } of fallen)
    console.log(`${name}: ${some.length} from ${allowed}: run npm run words -- --update`);
  if (risen.length > 0) process.exitCode = 1;
}

function show(some: readonly Place[]): void {
  for (const { file, line, word } of some)
    console.log(`  ${file}:${line} ${word}; better: ${rules.find((rule) => rule.word === word)?.say}`);
}
