import { roles } from "@shop/service/identity";
import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet } from "jose";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import { guest, type Visitor } from "./caller.ts";
import type { EndedSessions } from "./revoked-sessions.ts";

export type VerifyToken = (authorization: string | undefined) => Visitor | Promise<Visitor>;

const maxBelievedBytes = 32 * 2 ** 20;
/** A caller, and what is signed of them for the subgraphs that they ask. */
const visitorBytes = 2_500;

/** Verifying costs 70-190 µs, so a believed token is remembered until it expires. */
export function tokenVerifier(jwks: JSONWebKeySet, ended: Pick<EndedSessions, "has">): VerifyToken {
  const keys = createLocalJWKSet(jwks);
  const believed = new LRUCache<string, Visitor & { expiresAt: number }>({
    maxSize: maxBelievedBytes,
    sizeCalculation: (_visitor, token) => 2 * token.length + visitorBytes,
  });

  return (authorization) => {
    if (!authorization) return anonymous;
    const token = bearer.exec(authorization)?.[1];
    if (!token) return refused("TOKEN_INVALID");
    const known = believed.get(token);
    if (known) return known.expiresAt > Date.now() ? unlessEnded(known) : refused("TOKEN_EXPIRED");
    return verify(token);
  };

  function unlessEnded(visitor: Visitor): Visitor {
    const { caller } = visitor;
    return caller.kind === "user" && ended.has(caller.sid) ? refused("SESSION_ENDED") : visitor;
  }

  async function verify(token: string): Promise<Visitor> {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: "shop",
        audience: "shop-api",
        algorithms: ["EdDSA", "Ed25519"],
      });
      const { sub, roles, email, sid, exp } = claims.parse(payload);
      const caller = { kind: "user" as const, userId: sub, roles, email, sid };
      const visitor = { caller, expiresAt: exp * 1000 };
      believed.set(token, visitor);
      return unlessEnded(visitor);
    } catch (error) {
      return refused(error instanceof errors.JWTExpired ? "TOKEN_EXPIRED" : "TOKEN_INVALID");
    }
  }
}

const anonymous: Visitor = { caller: guest };
const bearer = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;
const claims = z.object({
  sub: z.string().min(1),
  roles: z.array(z.string()).transform((named) => roles.filter((role) => named.includes(role))),
  email: z.string().optional(),
  // Account names the session in each token; older releases did not, and theirs live 15 minutes.
  sid: z.string().optional(),
  exp: z.number(),
});

function refused(refusal: NonNullable<Visitor["refusal"]>): Visitor {
  return { caller: guest, refusal };
}
