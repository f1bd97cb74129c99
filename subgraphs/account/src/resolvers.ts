import { hasRole, requireUser, type Context, type Postgres } from "@shop/service";
import { newId } from "@shop/values";
import DataLoader from "dataloader";
import type { Signer } from "./access-token.ts";
import {
  addAddress,
  inOrder,
  removeAddress,
  updateAddress,
  type Book,
  type BookEdit,
} from "./domain/address-book.ts";
import type { Refusal } from "./domain/refusal.ts";
import type { Resolvers } from "./generated/resolvers.ts";
import { followOn } from "./follow-on.ts";
import { endSession, refreshSession } from "./issue-session.ts";
import { changePassword, logIn, signUp, type SignedIn } from "./sign-in.ts";
import type { Store, User } from "./store.ts";

export type AccountContext = Context & { users: DataLoader<string, User | undefined> };

/** One batch of look-ups a request. */
export const contextOf = (store: Store) => ({
  users: new DataLoader<string, User | undefined>(async (ids) => {
    const found = await store.findUsers(ids);
    return ids.map((id) => found.get(id));
  }),
});

export function resolversOf(needs: { pg: Postgres; store: Store; signer: Signer }): Resolvers {
  const { pg, store, signer } = needs;

  return {
    Query: {
      me: async (_, __, { identity, users }) =>
        identity.kind === "user" ? await users.load(identity.userId) : null,
      endedSessions: async (_, { since }) => await store.endedSessions(since ?? undefined),
    },
    User: {
      // Nobody hands out references to others: a person is reached by that person, and by staff.
      __resolveReference: async ({ id }, { identity, users }) => {
        const isSelf = identity.kind === "user" && identity.userId === id;
        return id !== undefined && (isSelf || hasRole(identity, "STAFF")) ? await users.load(id) : null;
      },
      addresses: ({ addresses }) => inOrder(addresses),
    },
    Mutation: {
      signUp: async (_, { input }, context, { path }) =>
        payload(await signUp(needs, input), context, path.key),
      logIn: async (_, { input }, context, { path }) => payload(await logIn(needs, input), context, path.key),
      refreshSession: async (_, { refreshToken }, context, { path }) => {
        const refreshed = await refreshSession(pg, store, signer, refreshToken);
        return payload(
          refreshed.session ? refreshed : { refusals: [tokenExpired], ended: refreshed.ended },
          context,
          path.key,
        );
      },
      logOut: async (_, { refreshToken }, context, { path }) => {
        followOn(context, path.key, { ended: await endSession(pg, store, refreshToken) });
        return { session: null, userErrors: [] };
      },
      passwordChange: async (_, ask, context, { path }) =>
        payload(await changePassword(needs, requireUser(context), ask), context, path.key),
      addressAdd: async (_, { input, makeDefault }, context) => {
        const ask = { id: newId("adr"), makeDefault: makeDefault ?? false };
        return addressPayload(await edit(context, (book) => addAddress(book, input, ask)));
      },
      addressUpdate: async (_, { id, input, makeDefault }, context) => {
        const ask = { id, makeDefault: makeDefault ?? false };
        return addressPayload(await edit(context, (book) => updateAddress(book, input, ask)));
      },
      addressRemove: async (_, { id }, context) => {
        const { address, refusal } = await edit(context, (book) => removeAddress(book, id));
        return { removedId: address?.id ?? null, userErrors: refusal ? [refusal] : [] };
      },
    },
  };

  async function edit(context: AccountContext, change: (book: Book) => BookEdit): Promise<BookEdit> {
    const { userId } = requireUser(context);
    return (await store.changeAddresses(userId, change)) ?? { refusal: noAccount };
  }
}

function payload(done: SignedIn & { ended?: string[] }, context: AccountContext, field: string | number) {
  if (done.refusals) {
    followOn(context, field, { ended: done.ended ?? [] });
    return { session: null, userErrors: done.refusals };
  }
  followOn(context, field, done);
  return { session: done.session, userErrors: [] };
}

function addressPayload({ address, refusal }: BookEdit) {
  return { address: address ?? null, userErrors: refusal ? [refusal] : [] };
}

const tokenExpired: Refusal = {
  code: "TOKEN_EXPIRED",
  message: "This session has ended. Log in again.",
  field: ["refreshToken"],
};
const noAccount: Refusal = { code: "NOT_FOUND", message: "There is no such account any more." };
