-- Who an order counts for while it is held and nobody pays it: the customer, the e-mail in its normal form, and a keyed
-- hash of the address that it was placed from. No address stands here in plain text.
alter table orders
  add column client text,
  add column email_key text,
  add column is_held boolean not null default false;
create index orders_held_of_customer on orders (customer_id) where is_held;
create index orders_held_of_email on orders (email_key) where is_held;
create index orders_held_of_client on orders (client) where is_held;
update orders set is_held = true
where status in ('CREATED', 'AWAITING_PAYMENT') and progress ->> 'paymentToken' is null
  and progress ->> 'money' = 'NONE' and progress #>> '{stock,is}' in ('ASKED', 'RESERVED');

-- Payments that were declined by client, within the window that began then.
create table declines (
  client text primary key,
  declined int not null,
  since timestamptz not null
);
create index declines_by_age on declines (since);

-- As in 002, and whether the order is held. An instance of the release before doesn't say: it stays as it was.
create or replace function change_orders(changes jsonb) returns void language plpgsql as $$
declare
  change record;
begin
  for change in
    select * from jsonb_to_recordset(changes) as x (id text, customer_id text, from_version int, status text,
      status_reason text, expires_at timestamptz, due_at timestamptz, version int, counter int, progress jsonb,
      is_held boolean, timeline jsonb, at timestamptz)
    order by customer_id, id
  loop
    update orders set status = change.status, status_reason = change.status_reason, expires_at = change.expires_at,
      due_at = change.due_at, version = change.version, counter = change.counter, progress = change.progress,
      is_held = coalesce(change.is_held, is_held)
    where id = change.id and version = change.from_version;
    if not found then
      raise 'order % changed while its row was locked', change.id;
    end if;
    perform write_timeline(change.id, change.customer_id, change.timeline, change.at);
  end loop;
end $$;
