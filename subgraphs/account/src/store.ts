import type { Postgres, Tx } from "@shop/service";
import { and, eq, gt, inArray, lt, sql } from "drizzle-orm";
import type { Book } from "./domain/address-book.ts";
import { hashOf, sessionLifeMs, sessionOf, sidOf, type Family } from "./domain/refresh-token.ts";
import type { Tier } from "./domain/check-tier-change.ts";
import { endedSessions, passwordAttempts, refreshTokens, sessions, tierChanges, users } from "./tables.ts";
import { writeSearchWords } from "./find-customers.ts";

export type User = typeof users.$inferSelect;
export type Session = Family & { user: User };
export type Store = ReturnType<typeof openStore>;

/** The age at which used tokens are deleted: a deleted token ends its session all the same. */
const usedTokenRetentionMs = 5 * 60_000;

/** A bucket of 10 wrong current passwords per user, refilled by one each 15 minutes: some 100 a day. */
const maxAttempts = 10;
const refillS = 15 * 60;

/** Opens the store: all reads and writes of account's data. */
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
      if (inserted) await writeSearchWords(tx, inserted);
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
        if (edit.book) {
          await tx.db.update(users).set({ addresses: edit.book }).where(eq(users.id, userId));
          await writeSearchWords(tx, { ...user, addresses: edit.book });
        }
        return edit;
      });
    },

    /** Locks a user by id or e-mail for the rest of the transaction. */
    async lockUser(tx: Tx, by: { id: string } | { email: string }): Promise<User | undefined> {
      const isMeant = "id" in by ? eq(users.id, by.id) : eq(users.email, by.email);
      const [user] = await tx.db.select().from(users).where(isMeant).for("update");
      return user;
    },

    /** Sets the tier of a locked user, and records who did it and why. Returns the version of the change. */
    async changeTier(
      tx: Tx,
      user: User,
      { tier, reason, changedBy }: { tier: Tier; reason: string; changedBy: string },
    ): Promise<number> {
      const version = user.version + 1;
      await tx.db.update(users).set({ tier, version }).where(eq(users.id, user.id));
      await tx.db.insert(tierChanges).values({ userId: user.id, tier, reason, changedBy });
      return version;
    },

    /** Sets the password; false if it was changed since the user was read. */
    async replacePassword(tx: Tx, user: User, passwordHash: string): Promise<boolean> {
      const mine = and(eq(users.id, user.id), eq(users.passwordHash, user.passwordHash));
      const changed = await tx.db.update(users).set({ passwordHash }).where(mine).returning({ id: users.id });
      return changed.length > 0;
    },

    /**
     * Takes one of the user's attempts at the current password. Called before the comparison, so that concurrent attempts
     * count too. Returns 0, or the seconds to wait when none is left; a call that must wait takes none.
     */
    async takePasswordAttempt(userId: string): Promise<number> {
      const taken = await pg.sql`
        insert into password_attempts as mine (user_id, full_at)
        select id, now() + make_interval(secs => ${refillS}) from users where id = ${userId}
        on conflict (user_id) do update
        set full_at = greatest(mine.full_at, now()) + make_interval(secs => ${refillS})
        where mine.full_at <= now() + make_interval(secs => ${refillS * (maxAttempts - 1)})`;
      if (taken.count > 0) return 0;
      const [wait] = await pg.sql<{ seconds: number }[]>`
        select ceil(extract(epoch from full_at - now()))::int - ${refillS * (maxAttempts - 1)}::int as seconds
        from password_attempts where user_id = ${userId}`;
      return Math.max(1, wait?.seconds ?? 1);
    },

    /** Refills the bucket after a right password. */
    async resetPasswordAttempts(userId: string): Promise<void> {
      await db.delete(passwordAttempts).where(eq(passwordAttempts.userId, userId));
    },

    /**
     * Locks the user against a change of password for the rest of the transaction; false if the password was changed since the
     * user was read. A later change of password therefore ends the sessions that are begun under the lock.
     */
    async lockPassword(tx: Tx, { id, passwordHash }: User): Promise<boolean> {
      const unchanged = and(eq(users.id, id), eq(users.passwordHash, passwordHash));
      const locked = await tx.db.select({ id: users.id }).from(users).where(unchanged).for("share");
      return locked.length > 0;
    },

    async insertSession(tx: Tx, id: string, userId: string, token: string, now: Date): Promise<void> {
      await tx.db.insert(sessions).values({ id, userId, expiresAt: new Date(now.getTime() + sessionLifeMs) });
      await tx.db.insert(refreshTokens).values({ hash: hashOf(token), sessionId: id });
    },

    /** Locks the session that the token names, and reads it with its user and its tokens. */
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

    /** Marks a token as used, inserts its successor, and prolongs the session. */
    async rotateToken(tx: Tx, sessionId: string, used: string, successor: string, now: Date): Promise<void> {
      const expiresAt = new Date(now.getTime() + sessionLifeMs);
      await tx.db.update(sessions).set({ expiresAt }).where(eq(sessions.id, sessionId));
      await tx.db
        .update(refreshTokens)
        .set({ usedAt: now })
        .where(eq(refreshTokens.hash, hashOf(used)));
      await tx.db.insert(refreshTokens).values({ hash: hashOf(successor), sessionId });
      const isOld = lt(refreshTokens.usedAt, new Date(now.getTime() - usedTokenRetentionMs));
      await tx.db.delete(refreshTokens).where(and(eq(refreshTokens.sessionId, sessionId), isOld));
    },

    /** Ends the session and returns its `sid`, if it was there. A trigger records the end for the gateways. */
    async endSession(tx: Tx, id: string): Promise<string[]> {
      const ended = await tx.db.delete(sessions).where(eq(sessions.id, id)).returning({ id: sessions.id });
      return ended.map((session) => sidOf(session.id));
    },

    /** Ends all sessions of a user and returns their `sid`s. */
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
     * The sessions that ended since the cursor of an earlier read, and in the last 16 minutes (access tokens live 15). Reads
     * from 30 s before the cursor, because a transaction that was open then may have committed later; the kit ends each
     * after 15 s.
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
