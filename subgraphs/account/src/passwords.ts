import { hash, verify, type Algorithm } from "@node-rs/argon2";

// OWASP's parameters for argon2id: 19 MiB, two passes. The package's enum is a const one, which types can't strip.
const argon2id: Algorithm = 2;
const options = { algorithm: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** A hash of a password that nobody has, for those who have no account: it takes as long as any other. */
const nobodys = hash(crypto.randomUUID(), options);

export async function hashPassword(password: string): Promise<string> {
  return await hash(password, options);
}

/** Whether the password is the one of this hash; without a hash it takes its time and says no. */
export async function isPassword(password: string, passwordHash: string | undefined): Promise<boolean> {
  const isRight = await verify(passwordHash ?? (await nobodys), password);
  return isRight && passwordHash !== undefined;
}
