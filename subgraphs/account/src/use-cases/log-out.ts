import type { Deps } from "../deps.ts";

/** Ends the session of the refresh token, also of a token used long ago; returns the `sid`s of the ended sessions. */
export async function logOut({ pg, store }: Pick<Deps, "pg" | "store">, token: string): Promise<string[]> {
  return await pg.transact(async (tx) => {
    const session = await store.lockSession(tx, token);
    return session ? await store.endSession(tx, session.id) : [];
  });
}
