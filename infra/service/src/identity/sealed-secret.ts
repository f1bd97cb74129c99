import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

const mark = "sealed.";
const nonceBytes = 12;
const tagBytes = 16;

/** Seals a text for one audience: AES-256-GCM under a key derived from the audience's. The same text sealed twice differs. */
export function sealSecret(text: string, audienceKey: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", keyOf(audienceKey), nonce);
  const sealed = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return mark + sealed.toString("base64url");
}

/** Opens a sealed text; undefined when it was never sealed, was sealed under another key, or was altered. */
export function openSecret(text: string, audienceKey: string): string | undefined {
  if (!text.startsWith(mark)) return undefined;
  const sealed = Buffer.from(text.slice(mark.length), "base64url");
  if (sealed.length < nonceBytes + tagBytes) return undefined;
  const opener = createDecipheriv("aes-256-gcm", keyOf(audienceKey), sealed.subarray(0, nonceBytes));
  opener.setAuthTag(sealed.subarray(-tagBytes));
  try {
    return opener.update(sealed.subarray(nonceBytes, -tagBytes), undefined, "utf8") + opener.final("utf8");
  } catch {
    return undefined; // the tag doesn't match
  }
}

function keyOf(audienceKey: string): Buffer {
  return createHmac("sha256", audienceKey).update("secrets in events").digest();
}
