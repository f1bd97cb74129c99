import { createHmac } from "node:crypto";
import { calculateJwkThumbprint, importJWK, SignJWT } from "jose";
import { z } from "zod";
import type { User } from "./store.ts";

/** An Ed25519 private key as a JWK. */
export const privateJwk = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  d: z.string().min(40),
  x: z.string().min(40),
  kid: z.string().optional(),
});

export type PrivateJwk = z.infer<typeof privateJwk>;

const lifeS = 15 * 60;

/** Opens the signer of access tokens, with the key by which refresh tokens are computed from one another. */
export async function openSigner({ kid: named, ...jwk }: PrivateJwk) {
  const key = await importJWK(jwk, "EdDSA");
  const kid = named ?? (await calculateJwkThumbprint(jwk));
  return {
    successorKey: createHmac("sha256", jwk.d).update("refresh token successor").digest(),
    /** Signs a token. `now` must be read before the session is locked or written, so that no token outlives its session's end by more than its life. */
    async sign(
      { id, email, roles }: User,
      sid: string,
      now: Date,
    ): Promise<{ accessToken: string; expiresAt: Date }> {
      const issuedAtS = Math.floor(now.getTime() / 1000);
      const expiresAtS = issuedAtS + lifeS;
      const accessToken = await new SignJWT({ roles, email, sid })
        .setProtectedHeader({ alg: "EdDSA", kid })
        .setIssuer("shop")
        .setAudience("shop-api")
        .setSubject(id)
        .setIssuedAt(issuedAtS)
        .setExpirationTime(expiresAtS)
        .sign(key);
      return { accessToken, expiresAt: new Date(expiresAtS * 1000) };
    },
  };
}
