import { createHmac, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { z } from "zod";

const kept = z.object({
  root: z.string().min(32),
  jwt: z.looseObject({
    kty: z.literal("OKP"),
    crv: z.literal("Ed25519"),
    x: z.string(),
    d: z.string(),
    kid: z.string(),
  }),
});

export type Secrets = {
  /** All store passwords are derived from it. */
  stores: string;
  /** The gateway and the launcher derive the key of each audience from it. */
  identityMaster: string;
  orderTokenKey: string;
  stripeWebhook: string;
  /** The demo users', once others can reach the shop. */
  demoPassword: string;
  /** JSON Web Keys, as texts. */
  jwtPrivateJwk: string;
  jwks: string;
};

/** Made on the first start and kept readable by the owner alone. */
export async function loadSecrets(dataFolder: string): Promise<Secrets> {
  const file = path.join(dataFolder, "secrets.json");
  const text = await readFile(file, "utf8").catch(async (error: unknown) => {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    return await make(file);
  });
  const { root, jwt } = kept.parse(JSON.parse(text));
  const derive = (purpose: string) => createHmac("sha256", root).update(purpose).digest("base64url");
  const { d: _private, ...publicJwk } = jwt;
  return {
    stores: derive("stores"),
    identityMaster: derive("identity"),
    orderTokenKey: derive("order-token"),
    demoPassword: `demo-${derive("demo-password").slice(0, 16)}`,
    stripeWebhook: `whsec_${derive("stripe-webhook")}`,
    jwtPrivateJwk: JSON.stringify(jwt),
    jwks: JSON.stringify({ keys: [publicJwk] }),
  };
}

/** The key that signs identities for one audience; the kit's `audienceKey` derives the same. */
export function audienceKey(identityMaster: string, audience: string): string {
  return createHmac("sha256", identityMaster).update(`identity:${audience}`).digest("base64url");
}

async function make(file: string): Promise<string> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const jwt = {
    ...(await exportJWK(privateKey)),
    kid: randomBytes(6).toString("base64url"),
    alg: "EdDSA",
    use: "sig",
  };
  const text = JSON.stringify({ root: randomBytes(32).toString("base64url"), jwt }, undefined, 2);
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.new`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, file); // whole or not at all: half a file would lock the shop out of its own stores
  return text;
}
