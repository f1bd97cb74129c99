import { createHmac, timingSafeEqual } from "node:crypto";
import { hasRole, type Identity } from "./identity.ts";

/** The entity of a reference: a type of the graph and one of its ids. */
export type Reference = { type: string; id: string };

/** Proofs made in the same 30 s are equal, so that equal reads at one moment stay equal texts. */
const windowS = 30;

/**
 * Proves to one reading service that this asker may read the entity: an HMAC under a key derived from the reader's
 * identity key. Valid for 60 to 90 s. A guest's proof holds for the one operation that the gateway signed.
 */
export function signReference(
  reference: Reference,
  asker: Identity,
  readerKey: string,
  now: number = Date.now(),
): string {
  const untilS = (Math.floor(now / 1000 / windowS) + 3) * windowS;
  return `${untilS}.${mac(reference, asker, readerKey, untilS)}`;
}

/**
 * Whether the asker may read what a reference names: staff always, others with a proof that the entity's owner service
 * made for them. False for a bare id, and for a proof of another entity, asker, reader or time.
 */
export function isReadable(
  reference: Reference & { proof: string | null | undefined },
  asker: Identity,
  readerKey: string,
  now: number = Date.now(),
): boolean {
  if (hasRole(asker, "STAFF")) return true;
  const [until = "", signature = "", ...rest] = reference.proof?.split(".") ?? [];
  const untilS = Number(until);
  if (rest.length > 0 || !/^\d{1,12}$/.test(until) || untilS * 1000 < now) return false;
  const expected = Buffer.from(mac(reference, asker, readerKey, untilS));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function mac({ type, id }: Reference, asker: Identity, readerKey: string, untilS: number): string {
  const who = asker.kind === "user" ? ["user", asker.userId] : ["guest", asker.proofScope ?? ""];
  const key = createHmac("sha256", readerKey).update("proofs of references").digest();
  return createHmac("sha256", key)
    .update(JSON.stringify([type, id, ...who, untilS]))
    .digest("base64url");
}
