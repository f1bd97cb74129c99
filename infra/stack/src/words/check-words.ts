import { exceptions, withoutExceptions } from "./exceptions.ts";
import { findWords } from "./find-words.ts";
import { rules } from "./rules.ts";

// `npm run words`, a part of `npm run check`: fails with each place of a word of `rules.ts` that no exception is for.

const places = withoutExceptions(findWords(), exceptions);
for (const { file, line, word } of places)
  console.log(`${file}:${line} ${word}; better: ${rules.find((rule) => rule.word === word)?.say}`);
if (places.length > 0) process.exitCode = 1;
