import { domainToASCII, domainToUnicode } from "node:url";

/** Whether the text can be kept: Postgres refuses NUL in any text, and half of a surrogate pair in JSON. */
export function isText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

/** Characters that leave no mark: zero-width ones, marks of direction, fillers, controls other than white space. */
const invisible = /(?![\t-\r\x85])[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\u2800]/gu;

/** Text in its one normal form: NFC, without invisible characters, single blanks, none at the ends. */
export function normalText(text: string): string {
  return text
    .replace(invisible, "")
    .replace(/[\s\x85]+/gu, " ")
    .trim()
    .normalize("NFC");
}

/** Normal text to compare where case means nothing. */
export function foldedText(text: string): string {
  // Letter by letter: at the end of a word the whole of a text would get another small sigma.
  const lower = Array.from(normalText(text), (letter) => letter.toLowerCase()).join("");
  return lower.replaceAll("ς", "σ").normalize("NFC");
}

/**
 * Folded text as people type what they have read: without diacritics and apostrophes, a stroke or ligature as its plain
 * letters. So `Zoë Möller`, `O’Neill` and `Łódź` are found by `zoe moller`, `oneill` and `lodz`.
 */
export function plainText(text: string): string {
  return foldedText(text)
    .replace(apostrophes, "")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[øłđðþæœßıħŧ]/g, (letter) => plainLetters[letter] ?? letter);
}

/** All that is typed for an apostrophe. */
export const apostrophes = /['’‘‛ʼʻʹ′`´＇]/gu;

const plainLetters: Readonly<Record<string, string>> = {
  ...{ ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", æ: "ae", œ: "oe", ß: "ss", ı: "i", ħ: "h", ŧ: "t" },
};

/** Text of several lines in its normal form: each line is, and no more than one empty line stands between two others. */
export function normalLines(text: string): string {
  const lines = text.split(/\r\n|[\n\r\x85\u2028\u2029]/u).map(normalText);
  return lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/**
 * SKUs of one key look alike, whatever their case: the width of letters, the kind of dash, and letters of Greek and Cyrillic that
 * look Latin don't count. A SKU is kept as normal text, and no two have the same key.
 */
export function skuKey(sku: string): string {
  const folded = foldedText(sku.normalize("NFKC"));
  return folded
    .replace(/[\p{Pd}\u2212]/gu, "-")
    .replace(/[а-ӏα-ω]/gu, (letter) => lookAlikes.get(letter) ?? letter);
}

// Capitals decide: a SKU is mostly written in them.
const lookAlikes = new Map(
  "аa вb еe кk мm нh оo рp сc тt уy хx іi јj ѕs ӏl αa βb εe ζz ηh ιi κk μm νn οo ρp τt υy χx"
    .split(" ")
    .map((pair) => [pair.charAt(0), pair.charAt(1)]),
);

/**
 * The form in which an e-mail address is kept, looked up and counted: folded, and its domain as people write it, so that
 * `xn--mnchen-3ya.example` and `münchen.example` are one. Text that is no address comes out folded.
 */
export function normalEmail(text: string): string {
  const folded = foldedText(text);
  const at = folded.lastIndexOf("@");
  return at === -1 ? folded : `${folded.slice(0, at)}@${normalDomain(folded.slice(at + 1))}`;
}

/**
 * Whether the text in its normal form (`normalEmail`) is an e-mail address, of at most 254 characters: a local part, @, and a domain with a dot, in any script;
 * no character that needs quoting or carries markup, no empty part. The one rule for accounts and for orders.
 */
export function isEmail(text: string): boolean {
  return text.length <= 254 && emailPattern.test(text);
}

const emailPattern =
  /^[^\s@.<>()[\]\\,;:"\p{C}]+(\.[^\s@.<>()[\]\\,;:"\p{C}]+)*@[\p{L}\p{M}\p{N}-]+(\.[\p{L}\p{M}\p{N}-]+)+$/u;

function normalDomain(domain: string): string {
  // With another character it is no domain, and domainToUnicode would cut it off there.
  if (!/^[\p{L}\p{M}\p{N}.\-\u3002\uff0e\uff61]+$/u.test(domain)) return domain;
  return domainToUnicode(domainToASCII(domain)) || domain;
}
