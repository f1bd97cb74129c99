import type { Postgres, Tx } from "@shop/service";
import { and, eq, inArray, lt, sql } from "drizzle-orm";
import type { Book } from "./domain/address-book.ts";
import { hashOf, sessionLifeMs, sessionOf, type Presented } from "./domain/refresh-token.ts";
import { refreshTokens, sessions, users } from "./tables.ts";

export type User = typeof users.$inferSelect;
export type Session = Presented & { id: string; user: User };
export type Store = ReturnType<typeof openStore>;

/** Tokens this long after their use need not be known any more: an unknown token ends its session all the same. */
const forgetUsedMs = 5 * 60_000;

/** The only door to account's data. */
export function openStore(pg: Postgres) {
  const { db } = pg;
  return {
    async findUser(id: string): Promise<User | undefined> {
      const [user] = await db.select().from(users).where(eq(users.id, id));
      return user;
    },

    async findUsers(ids: readonly string[]): Promise<Map<string, User>> {
      const found = await db
        .select()
        .from(users)
        .where(inArray(users.id, [...ids]));
      return new Map(found.map((user) => [user.id, user]));
    },

    async findUserByEmail(email: string): Promise<User | undefined> {
      const [user] = await db.select().from(users).where(eq(users.email, email));
      return user;
    },

    /** Undefined if the e-mail is taken. */
    async insertUser(tx: Tx, user: typeof users.$inferInsert): Promise<User | undefined> {
      const [inserted] = await tx.db.insert(users).values(user).onConflictDoNothing().returning();
      return inserted;
    },

    /** Changes the address book under its owner's lock; undefined if there is no such user. */
    async changeAddresses<Edit extends { book?: Book | undefined }>(
      userId: string,
      change: (book: Book) => Edit,
    ): Promise<Edit | undefined> {
      return await pg.transact(async (tx) => {
        const [user] = await tx.db.select().from(users).where(eq(users.id, userId)).for("update");
        if (!user) return undefined;
        const edit = change(user.addresses);
        if (edit.book) await tx.db.update(users).set({ addresses: edit.book }).where(eq(users.id, userId));
        return edit;
      });
    },

    /** Sets the password unless it has been changed since; tells whether it was set. */
    async replacePassword(tx: Tx, user: User, passwordHash: string): Promise<boolean> {
      const mine = and(eq(users.id, user.id), eq(users.passwordHash, user.passwordHash));
      const changed = await tx.db.update(users).set({ passwordHash }).where(mine).returning({ id: users.id });
      return changed.length > 0;
    },

    async insertSession(tx: Tx, id: string, userId: string, token: string, now: Date): Promise<void> {
      await tx.db.insert(sessions).values({ id, userId, expiresAt: new Date(now.getTime() + sessionLifeMs) });
      await tx.db.insert(refreshTokens).values({ hash: hashOf(token), sessionId: id });
    },

    /** The session that the token names, locked, with what is known of the token. */
    async lockSession(tx: Tx, token: string): Promise<Session | undefined> {
      const id = sessionOf(token);
      if (id === undefined) return undefined;
      const isPresented = and(
        eq(refreshTokens.sessionId, sessions.id),
        eq(refreshTokens.hash, hashOf(token)),
      );
      const [row] = await tx.db.select().from(sessions).where(eq(sessions.id, id)).for("update");
      if (!row) return undefined;
      const [known] = await tx.db
        .select({ user: users, token: refreshTokens })
        .from(sessions)
        .innerJoin(users, eq(users.id, sessions.userId))
        .leftJoin(refreshTokens, isPresented)
        .where(eq(sessions.id, id));
      return known && { id, expiresAt: row.expiresAt, user: known.user, token: known.token ?? undefined };
    },

    /** Uses a token up for its successor, and prolongs the session. */
    async rotateToken(tx: Tx, sessionId: string, used: string, successor: string, now: Date): Promise<void> {
      const expiresAt = new Date(now.getTime() + sessionLifeMs);
      await tx.db.update(sessions).set({ expiresAt }).where(eq(sessions.id, sessionId));
      await tx.db
        .update(refreshTokens)
        .set({ usedAt: now })
        .where(eq(refreshTokens.hash, hashOf(used)));
      await tx.db.insert(refreshTokens).values({ hash: hashOf(successor), sessionId });
      const forgotten = lt(refreshTokens.usedAt, new Date(now.getTime() - forgetUsedMs));
      await tx.db.delete(refreshTokens).where(and(eq(refreshTokens.sessionId, sessionId), forgotten));
    },

    async endSession(tx: Tx, id: string): Promise<void> {
      await tx.db.delete(sessions).where(eq(sessions.id, id));
    },

    async endSessionsOf(tx: Tx, userId: string): Promise<void> {
      await tx.db.delete(sessions).where(eq(sessions.userId, userId));
    },

    async endExpiredSessionsOf(tx: Tx, userId: string): Promise<void> {
      await tx.db
        .delete(sessions)
        .where(and(eq(sessions.userId, userId), lt(sessions.expiresAt, sql`now()`)));
    },
  };
}
