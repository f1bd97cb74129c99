import { gql } from "@apollo/client";
import { parse } from "graphql";
import type { Untyped } from "../src/answer.ts";
import { openApolloClient } from "./snippets/apollo-client.ts";
import { openSocket } from "./snippets/socket.ts";
import { openUrqlClient } from "./snippets/urql.ts";
import type { StoryClient } from "./story.ts";

type Failure = { message: string };

/** Apollo Client 4 with its normalised cache. */
export function apolloStoryClient(url: string): StoryClient {
  let token: string | undefined;
  let client = openApolloClient(url, async () => token);
  const whole = ({ data, error }: { data?: unknown; error?: Failure }): Untyped => {
    if (error) throw new Error(error.message, { cause: error });
    return data;
  };
  return {
    query: async (text, variables) =>
      whole(await client.query({ query: gql(text), variables, fetchPolicy: "network-only" })),
    cached: async (text, variables) => client.readQuery({ query: gql(text), variables }) ?? undefined,
    mutate: async (text, variables) => whole(await client.mutate({ mutation: gql(text), variables })),
    subscribe(text, variables, onData) {
      const subscription = client.subscribe({ query: gql(text), variables }).subscribe({
        next: (result) => onData(whole(result)),
      });
      return () => subscription.unsubscribe();
    },
    signIn(accessToken) {
      token = accessToken;
      // A socket stays signed in as it was opened: each session has a client, and so a socket, of its own.
      const { cache } = client;
      client.stop();
      client = openApolloClient(url, async () => token);
      client.cache = cache;
    },
    close: async () => client.stop(),
  };
}

/** urql with graphcache, which sends queries by GET. */
export function urqlStoryClient(url: string): StoryClient {
  let token: string | undefined;
  let client = openUrqlClient(url, async () => token);
  const whole = ({ data, error }: { data?: Untyped; error?: Failure | undefined }): Untyped => {
    if (error) throw new Error(error.message, { cause: error });
    return data;
  };
  return {
    query: async (text, variables) =>
      whole(await client.query(parse(text), variables, { requestPolicy: "network-only" }).toPromise()),
    cached: async (text, variables) =>
      whole(await client.query(parse(text), variables, { requestPolicy: "cache-only" }).toPromise()),
    mutate: async (text, variables) => whole(await client.mutation(parse(text), variables).toPromise()),
    subscribe(text, variables, onData) {
      const { unsubscribe } = client
        .subscription(parse(text), variables)
        .subscribe((result) => onData(whole(result)));
      return unsubscribe;
    },
    signIn(accessToken) {
      token = accessToken;
      client = openUrqlClient(url, async () => token, token);
    },
    close: async () => undefined,
  };
}

/** graphql-ws for everything: queries and mutations go over the socket as well. */
export function socketStoryClient(url: string): StoryClient {
  let token: string | undefined;
  let client = openSocket(url, async () => token);
  const ask = async (query: string, variables: object): Promise<Untyped> => {
    for await (const { data, errors } of client.iterate({ query, variables: { ...variables } })) {
      if (errors) throw new Error(JSON.stringify(errors));
      return data;
    }
    throw new Error("no answer");
  };
  return {
    query: ask,
    mutate: ask,
    subscribe: (query, variables, onData) =>
      client.subscribe(
        { query, variables: { ...variables } },
        {
          next: ({ data }) => onData(data),
          error: (error) => {
            throw new Error(JSON.stringify(error));
          },
          complete: () => undefined,
        },
      ),
    signIn(accessToken) {
      token = accessToken;
      void client.dispose();
      client = openSocket(url, async () => token);
    },
    close: async () => {
      await client.dispose();
    },
  };
}
