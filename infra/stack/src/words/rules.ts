/** A word that the code base doesn't use, and what the field says instead. */
export type Rule = { word: string; pattern: string; say: string };

/** Between the words of a phrase: blanks, and the marks of a comment that goes on in the next line. */
const gap = "(?:\\s|\\*|//|--)+";

/**
 * Found in any case, at the limits of words and of the parts of an identifier (`HeardEvent` has "heard"). The glossary
 * (infra/docs/glossary.md) has the words that are used.
 */
export const rules: readonly Rule[] = [
  { word: "whoever", pattern: "whoever", say: "name the caller, the handler, the operator" },
  { word: "nobody", pattern: "nobody", say: "no caller, no service, nothing" },
  { word: "unless told", pattern: `unless${gap}(?:it${gap}is${gap})?told`, say: "by default" },
  { word: "is told", pattern: `(?:is|are|was|were|be)${gap}told`, say: "receives, is passed" },
  { word: "hear", pattern: "hear|hears|heard|hearing", say: "subscribes to, handles" },
  { word: "tell", pattern: "tell|tells", say: "publishes, says, distinguishes" },
  { word: "bury", pattern: "bury|buries|buried|burying|graveyard", say: "dead-letters" },
  { word: "let go", pattern: `(?:let|lets|letting)${gap}go`, say: "releases" },
  { word: "wish", pattern: "wish|wishes|wished", say: "command, attempt, request" },
  { word: "doors", pattern: "doors", say: "deps" },
  { word: "together", pattern: "together", say: "in one transaction, at once, group commit" },
  { word: "gather", pattern: "gather|gathers|gathered|gathering", say: "batch" },
  { word: "look again", pattern: `(?:look|looks|looked|looking)${gap}again`, say: "poll" },
  { word: "everybody", pattern: "everybody|everyone|anybody|anyone", say: "all services, any caller" },
  { word: "taste", pattern: "tastes?", say: "preferences" },
  { word: "bell", pattern: "bells?|rings?|ringing", say: "wake-up" },
  { word: "keep house", pattern: `(?:keep|keeps)${gap}house`, say: "collects, cleans up" },
  // A type's name in a sentence, where a rename of the type took the verb along.
  { word: "handlers (a verb)", pattern: `(?:never|it|and|who|that)${gap}handlers`, say: "handles" },
  {
    word: "RequestInput (a verb)",
    pattern: `Request${gap}Input${gap}(?:for|the|each|until|all|it|\`)`,
    say: "asks, requests",
  },
  { word: "most… (a limit)", pattern: "most(?=[A-Z])", say: "max…" },
];
