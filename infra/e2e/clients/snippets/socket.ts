import { createClient, type Client } from "graphql-ws";
import { resuming } from "./resuming.ts";

/** Gives the access token of now: refreshed, where it is about to expire; undefined for a guest. */
export type AccessToken = () => Promise<string | undefined>;

/** A socket to the shop that connects again by itself, signed in by the token of that moment. */
export function openSocket(url: string, accessToken: AccessToken): Client {
  const client = createClient({
    url: url.replace(/^http/, "ws"),
    connectionParams: async () => ({ accessToken: await accessToken() }),
    retryAttempts: Infinity,
  });
  return resuming(client);
}
