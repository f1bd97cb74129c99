import { createHmac } from "node:crypto";

/** Someone who may log in to a store. */
export type StoreUser = { name: string; password: string };

/** Every store password comes from one kept secret, so that a lost data folder is the only thing to lose. */
export function storePassword(secret: string, store: string, user: string): string {
  return createHmac("sha256", secret).update(`store:${store}:${user}`).digest("base64url");
}

export function urlOf(protocol: string, port: number, user: StoreUser, path = ""): string {
  return `${protocol}://${user.name}:${user.password}@127.0.0.1:${port}${path}`;
}
