import { roles } from "@shop/service/identity";
import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet } from "jose";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import type { TokenRefusal } from "../errors/coded-errors.ts";
import { guest, type Authentication } from "./caller.ts";
import type { RevokedSessions } from "./revoked-sessions.ts";

export type VerifyToken = (authorization: string | undefined) => Authentication | Promise<Authentication>;

const maxVerifiedBytes = 32 * 2 ** 20;
/** A caller with the identities that are signed for the subgraphs. */
const authenticationBytes = 2_500;

/** Verifying costs 70-190 µs, so a verified token is cached until it expires. */
export function tokenVerifier(jwks: JSONWebKeySet, revoked: Pick<RevokedSessions, "has">): VerifyToken {
  const keys = createLocalJWKSet(jwks);
  const verified = new LRUCache<string, Authentication & { expiresAt: number }>({
    maxSize: maxVerifiedBytes,
    sizeCalculation: (_authentication, token) => 2 * token.length + authenticationBytes,
  });

  return (authorization) => {
    if (!authorization) return anonymous;
    const token = bearer.exec(authorization)?.[1];
    if (!token) return refused("TOKEN_INVALID");
    const known = verified.get(token);
    if (known) return known.expiresAt > Date.now() ? unlessRevoked(known) : refused("TOKEN_EXPIRED");
    return verify(token);
  };

  function unlessRevoked(authentication: Authentication): Authentication {
    const { caller } = authentication;
    return caller.kind === "user" && revoked.has(caller.sid) ? refused("SESSION_ENDED") : authentication;
  }

  async function verify(token: string): Promise<Authentication> {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: "shop",
        audience: "shop-api",
        algorithms: ["EdDSA", "Ed25519"],
      });
      const { sub, roles, email, sid, exp } = claims.parse(payload);
      const caller = { kind: "user" as const, userId: sub, roles, email, sid };
      const authentication = { caller, expiresAt: exp * 1000 };
      verified.set(token, authentication);
      return unlessRevoked(authentication);
    } catch (error) {
      return refused(error instanceof errors.JWTExpired ? "TOKEN_EXPIRED" : "TOKEN_INVALID");
    }
  }
}

const anonymous: Authentication = { caller: guest };
const bearer = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;
const claims = z.object({
  sub: z.string().min(1),
  roles: z.array(z.string()).transform((named) => roles.filter((role) => named.includes(role))),
  email: z.string().optional(),
  // Account names the session in each token; tokens of older releases have none, and live 15 minutes.
  sid: z.string().optional(),
  exp: z.number(),
});

function refused(refusal: TokenRefusal): Authentication {
  return { caller: guest, refusal };
}
