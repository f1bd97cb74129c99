import { hash, verify } from "@node-rs/argon2";
import { normalPassword } from "./domain/check-sign-up.ts";

// OWASP's parameters for argon2id, which is the package's default: 19 MiB, two passes.
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** A hash of a random password, for e-mails without an account: its comparison takes as long as any other. */
const dummyHash = hash(crypto.randomUUID(), options);

export async function hashPassword(password: string): Promise<string> {
  return await hash(normalPassword(password), options);
}

/** Whether the password is the one of this hash; without a hash, false after the same time. */
export async function isPassword(password: string, passwordHash: string | undefined): Promise<boolean> {
  const expected = passwordHash ?? (await dummyHash);
  return (await verify(expected, normalPassword(password))) && passwordHash !== undefined;
}
