import type { Postgres, Tx } from "@shop/service";
import { and, eq, gt, inArray, lt, sql } from "drizzle-orm";
import type { Book } from "./domain/address-book.ts";
import { hashOf, sessionLifeMs, sessionOf, sidOf, type Family } from "./domain/refresh-token.ts";
import { endedSessions, refreshTokens, sessions, users } from "./tables.ts";

export type User = typeof users.$inferSelect;
export type Session = Family & { user: User };
export type Store = ReturnType<typeof openStore>;

/** Tokens this long after their use need not be known any more: an unknown token ends its session all the same. */
const forgetUsedMs = 5 * 60_000;

/** Wrong current passwords that a user may give at once; each is given back after this time, so some 100 a day remain. */
const guessesAtOnce = 10;
const guessBackS = 15 * 60;

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

    /** E-mails with letters beyond ASCII, or domains that write such. */
    async findUnusualEmails(): Promise<{ id: string; email: string }[]> {
      const isUnusual = sql`${users.email} ~ '[^ -~]' or ${users.email} like '%xn--%'`;
      return await db.select({ id: users.id, email: users.email }).from(users).where(isUnusual);
    },

    /** False if the e-mail is taken. */
    async replaceEmail(id: string, email: string): Promise<boolean> {
      const changed = await pg.sql`
        update users set email = ${email}
        where id = ${id} and not exists (select from users where email = ${email})`;
      return changed.count > 0;
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

    /**
     * Takes one of the user's guesses at the current password, before it is compared, so that guesses made at once count
     * as well; gives the seconds to wait where none is left, which takes none.
     */
    async takeGuess(userId: string): Promise<number> {
      const taken = await pg.sql`
        insert into password_guesses as mine (user_id, all_back_at)
        select id, now() + make_interval(secs => ${guessBackS}) from users where id = ${userId}
        on conflict (user_id) do update
        set all_back_at = greatest(mine.all_back_at, now()) + make_interval(secs => ${guessBackS})
        where mine.all_back_at <= now() + make_interval(secs => ${guessBackS * (guessesAtOnce - 1)})`;
      if (taken.count > 0) return 0;
      const [wait] = await pg.sql<{ seconds: number }[]>`
        select ceil(extract(epoch from all_back_at - now()))::int - ${guessBackS * (guessesAtOnce - 1)}::int as seconds
        from password_guesses where user_id = ${userId}`;
      return Math.max(1, wait?.seconds ?? 1);
    },

    /** After a right one. */
    async giveGuessesBack(userId: string): Promise<void> {
      await pg.sql`delete from password_guesses where user_id = ${userId}`;
    },

    /**
     * Locks the user against a change of password for the rest of the transaction; false if it has been changed since. A
     * session that is begun under the lock is either seen, and ended, by the change, or not begun.
     */
    async holdPassword(tx: Tx, { id, passwordHash }: User): Promise<boolean> {
      const unchanged = and(eq(users.id, id), eq(users.passwordHash, passwordHash));
      const held = await tx.db.select({ id: users.id }).from(users).where(unchanged).for("share");
      return held.length > 0;
    },

    async insertSession(tx: Tx, id: string, userId: string, token: string, now: Date): Promise<void> {
      await tx.db.insert(sessions).values({ id, userId, expiresAt: new Date(now.getTime() + sessionLifeMs) });
      await tx.db.insert(refreshTokens).values({ hash: hashOf(token), sessionId: id });
    },

    /** The session that the token names, locked, with its user and its tokens. */
    async lockSession(tx: Tx, token: string): Promise<Session | undefined> {
      const id = sessionOf(token);
      if (id === undefined) return undefined;
      const [row] = await tx.db.select().from(sessions).where(eq(sessions.id, id)).for("update");
      if (!row) return undefined;
      const [user] = await tx.db.select().from(users).where(eq(users.id, row.userId));
      if (!user) return undefined;
      const tokens = await tx.db.select().from(refreshTokens).where(eq(refreshTokens.sessionId, id));
      const usedAt = new Map(tokens.map((known) => [known.hash, known.usedAt]));
      return { id, expiresAt: row.expiresAt, user, usedAt };
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

    /** Ends the session; gives what its access tokens call it. A trigger notes it for the gateways. */
    async endSession(tx: Tx, id: string): Promise<string[]> {
      const ended = await tx.db.delete(sessions).where(eq(sessions.id, id)).returning({ id: sessions.id });
      return ended.map((session) => sidOf(session.id));
    },

    /** The same for all of a user's sessions. */
    async endSessionsOf(tx: Tx, userId: string): Promise<string[]> {
      const mine = eq(sessions.userId, userId);
      const ended = await tx.db.delete(sessions).where(mine).returning({ id: sessions.id });
      return ended.map((session) => sidOf(session.id));
    },

    async endExpiredSessionsOf(tx: Tx, userId: string): Promise<void> {
      await tx.db
        .delete(sessions)
        .where(and(eq(sessions.userId, userId), lt(sessions.expiresAt, sql`now()`)));
    },

    /**
     * The sessions that ended since an earlier look (its cursor), or in the last 16 minutes: access tokens live 15. Looks
     * back 30 s further than the cursor, since a transaction that was open then may have been committed later; the kit
     * ends each after 15 s.
     */
    async endedSessions(since: Date | undefined): Promise<{ sids: string[]; cursor: Date }> {
      const [clock] = await pg.sql<{ cursor: Date }[]>`select now() as cursor`;
      if (!clock) throw new Error("the database tells no time");
      const from = Math.min(since?.getTime() ?? 0, clock.cursor.getTime()) - 30_000;
      const oldest = clock.cursor.getTime() - 16 * 60_000;
      const isRecent = gt(endedSessions.endedAt, new Date(Math.max(from, oldest)));
      const ended = await db.select({ sid: endedSessions.sid }).from(endedSessions).where(isRecent);
      return { sids: ended.map(({ sid }) => sid), cursor: clock.cursor };
    },
  };
}
