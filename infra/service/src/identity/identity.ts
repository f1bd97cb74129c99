import { createHmac, timingSafeEqual } from "node:crypto";
import type { GraphQLError } from "graphql";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import { forbidden, unauthenticated } from "../runtime/errors.ts";

export const roles = ["CUSTOMER", "SELLER", "MODERATOR", "STAFF", "ADMIN"] as const;
export type Role = (typeof roles)[number];

/**
 * The caller, as signed by the gateway or a calling service. `client` is a keyed hash of the client's address, for services
 * that count by address: it comes with writes to those alone, is the same on each gateway, and is never logged.
 * `proofScope` names the operation and its variables, for which alone a guest's proofs are valid.
 */
export type Identity =
  | { kind: "guest"; client?: string | undefined; proofScope?: string | undefined }
  | {
      kind: "user";
      userId: string;
      roles: Role[];
      email?: string | undefined;
      /** The session's id in its access tokens; absent where a service acts for a user by itself. */
      sid?: string | undefined;
      client?: string | undefined;
      proofScope?: string | undefined;
    };

/** The HTTP header that carries a signed identity to a subgraph. */
export const identityHeader = "x-shop-identity";

export const identityLifeS = 60;

const proofScope = z.string().max(200).optional();
const client = z.string().max(64).optional();
const claims = z.intersection(
  z.object({ aud: z.string(), exp: z.number() }),
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("guest"), client, proofScope }),
    z.object({
      kind: z.literal("user"),
      userId: z.string().min(1),
      roles: z.array(z.enum(roles)),
      email: z.string().optional(),
      sid: z.string().optional(),
      client,
      proofScope,
    }),
  ]),
);

/** The key that signs identities for one audience, derived from the gateway's master key. */
export function audienceKey(masterKey: string, audience: string): string {
  return createHmac("sha256", masterKey).update(`identity:${audience}`).digest("base64url");
}

/**
 * The `client` of an identity: an address as a keyed hash of 128 bits, so that neither a database nor a log holds
 * addresses. IPv6 addresses come cut to their /64, which is what one customer has.
 */
export function clientOf(address: string, masterKey: string): string {
  const key = createHmac("sha256", masterKey).update("client-address").digest();
  return createHmac("sha256", key).update(address).digest().subarray(0, 16).toString("base64url");
}

/** Signs the caller's identity for one audience, by default for 60 s. */
export function signIdentity(
  identity: Identity,
  audience: string,
  key: string,
  now: number = Date.now(),
  lifeS: number = identityLifeS,
): string {
  const body = { aud: audience, exp: Math.floor(now / 1000) + lifeS, ...identity };
  const text = Buffer.from(JSON.stringify(body)).toString("base64url");
  return `${text}.${mac(text, key)}`;
}

/** Reads a signed identity; undefined when it is missing, forged, expired, or signed for another audience. */
export function verifyIdentity(
  token: string | undefined,
  audience: string,
  key: string,
  now: number = Date.now(),
): Identity | undefined {
  const [text, signature, ...rest] = (token ?? "").split(".");
  if (!text || !signature || rest.length > 0) return undefined;
  const expected = Buffer.from(mac(text, key));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
  const parsed = claims.safeParse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  if (!parsed.success || parsed.data.aud !== audience || parsed.data.exp * 1000 < now) return undefined;
  const { aud: _aud, exp: _exp, ...identity } = parsed.data;
  return identity;
}

/** A verifier with a cache of 4 MB: the same token is checked once in 5 s. */
export function identityVerifier(
  audience: string,
  key: string,
): (token: string | undefined) => Identity | undefined {
  const known = new LRUCache<string, Identity>({ maxSize: 4 * 2 ** 20, ttl: 5_000 });
  return (token) => {
    if (!token) return undefined;
    const hit = known.get(token);
    if (hit) return hit;
    const identity = verifyIdentity(token, audience, key);
    // The size is of the token, of the identity's texts, which are in it once more, and of the objects.
    if (identity) known.set(token, identity, { size: 2 * token.length + 600 });
    return identity;
  };
}

/** The signed-in user. Throws UNAUTHENTICATED for a guest. */
export function requireUser(context: { identity: Identity }): Extract<Identity, { kind: "user" }> {
  if (context.identity.kind !== "user") throw unauthenticated();
  return context.identity;
}

/** Whether the caller has one of the roles; ADMIN has all. */
export function hasRole(identity: Identity, ...wanted: readonly Role[]): boolean {
  return identity.kind === "user" && identity.roles.some((role) => role === "ADMIN" || wanted.includes(role));
}

/** The signed-in user with one of the roles. Throws UNAUTHENTICATED or FORBIDDEN. */
export function requireRole(
  context: { identity: Identity },
  ...wanted: readonly Role[]
): Extract<Identity, { kind: "user" }> {
  const user = requireUser(context);
  if (!hasRole(user, ...wanted)) throw forbidden(wanted.join(" or ")) satisfies GraphQLError;
  return user;
}

function mac(text: string, key: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}
