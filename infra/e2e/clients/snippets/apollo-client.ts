import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { openSocket, type AccessToken } from "./socket.ts";

/** Apollo Client 4 for the shop. */
export function openApolloClient(url: string, accessToken: AccessToken): ApolloClient {
  const signIn = new SetContextLink(async ({ headers }) => {
    const token = await accessToken();
    return { headers: token ? { ...headers, authorization: `Bearer ${token}` } : headers };
  });
  const http = signIn.concat(new HttpLink({ uri: url }));
  const socket = new GraphQLWsLink(openSocket(url, accessToken));
  return new ApolloClient({
    link: ApolloLink.split(({ operationType }) => operationType === "subscription", socket, http),
    cache: new InMemoryCache({
      // Lists that may get shorter: the new one takes the place of the old.
      typePolicies: {
        Cart: { fields: { lines: { merge: false }, problems: { merge: false } } },
        User: { fields: { addresses: { merge: false } } },
      },
    }),
  });
}
