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
      signUp: async (_, { input }) => payload(await signUp(needs, input)),
      logIn: async (_, { input }) => payload(await logIn(needs, input)),
      refreshSession: async (_, { refreshToken }) => {
        const session = await refreshSession(pg, store, signer, refreshToken);
        return payload(session ? { session } : { refusals: [tokenExpired] });
      },
      logOut: async (_, { refreshToken }) => {
        await endSession(pg, store, refreshToken);
        return { session: null, userErrors: [] };
      },
      passwordChange: async (_, ask, context) =>
        payload(await changePassword(needs, requireUser(context).userId, ask)),
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

function payload(signedIn: SignedIn) {
  return signedIn.refusals
    ? { session: null, userErrors: signedIn.refusals }
    : { session: signedIn.session, userErrors: [] };
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
