-- Writes decisions, and gives the customer's counter of the last row of each; raises where an order has changed since it was
-- read. Row by row through the key, on purpose: a join that was planned while the table was empty reads all of it until the
-- next ANALYZE. In order of customer, in which every transaction locks the customers' counters.
create or replace function record_changes(changes jsonb) returns table (changed text, customer_counter int)
language plpgsql as $$
declare
  change record;
begin
  for change in
    select * from jsonb_to_recordset(changes) as x (id text, customer_id text, from_version int, status text,
      status_reason text, expires_at timestamptz, due_at timestamptz, version int, counter int, progress jsonb,
      is_held_unpaid boolean, timeline jsonb, at timestamptz)
    order by customer_id, id
  loop
    update orders set status = change.status, status_reason = change.status_reason, expires_at = change.expires_at,
      due_at = change.due_at, version = change.version, counter = change.counter, progress = change.progress,
      is_held_unpaid = change.is_held_unpaid, changed_at = change.at
    where id = change.id and version = change.from_version;
    if not found then
      raise 'order % changed while its row was locked', change.id;
    end if;
    changed := change.id;
    customer_counter := record_timeline(change.id, change.customer_id, change.timeline, change.at);
    return next;
  end loop;
end $$;
