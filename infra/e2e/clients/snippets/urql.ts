import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { openSocket, type AccessToken } from "./socket.ts";

/** Whatever has an id is kept by it; all else belongs to what it was read with. */
const keys = new Proxy({}, { get: () => (data: { id?: string }) => data.id ?? null });

/** urql with its normalised cache for the shop. `token` is the access token at the time, for HTTP. */
export function openUrqlClient(url: string, accessToken: AccessToken, token?: string): Client {
  const socket = openSocket(url, accessToken);
  return new Client({
    url,
    preferGetMethod: "within-url-limit",
    fetchOptions: { headers: token ? { authorization: `Bearer ${token}` } : {} },
    exchanges: [
      cacheExchange({ keys }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = "", variables = {} }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink as never) }),
        }),
      }),
    ],
  });
}
