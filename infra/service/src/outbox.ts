import { seal, subjectOf, type NewEvent, type NewTask } from "@shop/events";
import { uuidv7 } from "@shop/values";
import type { Tx } from "./postgres.ts";

/** Writes what a transaction leaves behind, in one statement, as its last: row locks are held, so seq order is commit order. */
export async function writeOutgoing(sql: Tx["sql"], fresh: NewEvent[], tasks: NewTask[]): Promise<void> {
  const now = new Date();
  const events = fresh.map((one) => {
    const sealed = seal(one, now);
    const chain = sealed.sagaId ?? sealed.aggregate.id;
    return { event_id: sealed.id, chain, subject: subjectOf(sealed), body: JSON.stringify(sealed) };
  });
  const due = tasks.map((task) => ({
    id: task.id ?? uuidv7(),
    kind: task.kind,
    payload: task.payload ?? {},
    delay: task.inSeconds ?? 0,
  }));
  if (due.length === 0) {
    await sql`
      insert into outbox (event_id, chain, subject, body)
      select event_id, chain, subject, body
      from jsonb_to_recordset(${sql.json(events)}) as e (event_id uuid, chain text, subject text, body text)`;
    return;
  }
  await sql`
    with said as (
      insert into outbox (event_id, chain, subject, body)
      select event_id, chain, subject, body
      from jsonb_to_recordset(${sql.json(events)}) as e (event_id uuid, chain text, subject text, body text)
    )
    insert into tasks (id, kind, payload, run_at)
    select id, kind, payload, now() + delay * interval '1 second'
    from jsonb_to_recordset(${sql.json(due as never)}) as t (id text, kind text, payload jsonb, delay float)
    on conflict (id) do nothing`;
}
