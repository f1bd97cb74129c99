import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

type Key = { id: string; secret: Buffer };

/** `kid:base64key,…`: the first key signs, all are accepted, so that keys can rotate while guests keep their tokens. */
export const orderTokenKeys = z.string().transform((text, context): [Key, ...Key[]] => {
  const keys = text.split(",").map((part): Key => {
    const [id = "", secret = ""] = part.trim().split(":");
    return { id, secret: Buffer.from(secret, "base64") };
  });
  const [first, ...rest] = keys;
  if (!first || !keys.every(({ id, secret }) => /^[\w-]+$/.test(id) && secret.length >= 16)) {
    context.addIssue({ code: "custom", message: "expected kid:base64key,… with keys of at least 16 bytes" });
    return z.NEVER;
  }
  return [first, ...rest];
});

/** An order's token proves that its bearer placed the order. It is derived, not stored, and always the same. Never log one. */
export function orderTokens([signing, ...older]: readonly [Key, ...Key[]]) {
  const keys = new Map([...older, signing].map((key) => [key.id, key]));
  return {
    of: (orderId: string): string => `${signing.id}.${mac(orderId, signing)}`,
    fits(orderId: string, token: string | null | undefined): boolean {
      const [id = "", given = ""] = (token ?? "").split(".");
      const key = keys.get(id);
      if (!key) return false;
      const expected = Buffer.from(mac(orderId, key));
      const actual = Buffer.from(given);
      return expected.length === actual.length && timingSafeEqual(expected, actual);
    },
  };
}

export type OrderTokens = ReturnType<typeof orderTokens>;

function mac(orderId: string, { secret }: Key): string {
  return createHmac("sha256", secret).update(`order:${orderId}`).digest("base64url");
}
