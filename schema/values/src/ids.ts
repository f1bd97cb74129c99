import { createHash, getRandomValues, randomUUID } from "node:crypto";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * A new id that sorts by its creation time: prefix, "_", and 26 characters of Crockford base 32 over a
 * UUIDv7's 128 bits (48 bits of milliseconds, 74 random). Not a secret: use `secretId` where it must not be guessed.
 */
export function newId(prefix: string, nowMs: number = Date.now()): string {
  return `${prefix}_${base32(uuidv7Bytes(nowMs))}`;
}

/** The least id that `newId` could make at the moment: those of before are less. */
export function firstIdOf(prefix: string, ms: number): string {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  const moment = Math.min(Math.max(0, Math.floor(ms)), 2 ** 48 - 1);
  view.setUint16(0, Math.floor(moment / 2 ** 32));
  view.setUint32(2, moment >>> 0);
  return `${prefix}_${base32(bytes)}`;
}

/** A new id that can't be guessed: 128 random bits, not ordered by time. */
export function secretId(prefix: string): string {
  return `${prefix}_${base32(getRandomValues(new Uint8Array(16)))}`;
}

/**
 * The reference by which events and key names call an entity whose id opens it to its bearer (a guest's cart): 192 bits of
 * the id's SHA-256. The id can't be found from it.
 */
export function refOf(secret: string): string {
  return createHash("sha256").update(secret).digest().subarray(0, 24).toString("base64url");
}

/** What an offer of shipping is made for. */
export type OfferPlace = { country: string } & Partial<
  Record<"region" | "city" | "postalCode" | "line1" | "line2", string | null | undefined>
>;

/**
 * The id of an offer: this way of shipping (by its code), for this cart, to this place. A client's cache keeps entities by
 * their ids, so that offers with prices of their own need ids of their own.
 */
export function shippingOfferId(code: string, cartId: string, place: OfferPlace): string {
  const { country, region, city, postalCode, line1, line2 } = place;
  const parts = [region, city, postalCode, line1, line2].map((part) => part ?? "");
  return `${code}.${refOf(JSON.stringify([cartId, country, ...parts]))}`;
}

/** The code of a way of shipping, from an offer's id or the code itself. */
export function shippingCodeOf(offerIdOrCode: string): string {
  return offerIdOrCode.split(".", 1)[0] ?? "";
}

/** A UUIDv7 (RFC 9562) in its usual form; ids of events and messages. */
export function uuidv7(nowMs: number = Date.now()): string {
  const hex = Buffer.from(uuidv7Bytes(nowMs)).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Whether the text is a UUID of any version. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

/** A random UUIDv4, for idempotency keys. */
export const newKey = (): string => randomUUID();

/** How many partitions the event subjects have; changing it needs a drained stream. */
export const partitions = 16;

/** The partition (0 to 15) of an aggregate or saga id: FNV-1a, so that any language can compute it. */
export function partitionOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % partitions;
}

function uuidv7Bytes(nowMs: number): Uint8Array {
  const bytes = getRandomValues(new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(nowMs / 2 ** 32));
  view.setUint32(2, nowMs >>> 0);
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x70);
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
  return bytes;
}

function base32(bytes: Uint8Array): string {
  let bits = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  let text = "";
  for (let at = 0; at < 26; at++) {
    text = alphabet.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text;
}
