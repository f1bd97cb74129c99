import { createHmac } from "node:crypto";

/** A user of a store. */
export type StoreUser = { name: string; password: string };

/** A store password, derived from the shop's one kept secret. */
export function storePassword(secret: string, store: string, user: string): string {
  return createHmac("sha256", secret).update(`store:${store}:${user}`).digest("base64url");
}

export function urlOf(protocol: string, port: number, user: StoreUser, path = ""): string {
  return `${protocol}://${user.name}:${user.password}@127.0.0.1:${port}${path}`;
}
