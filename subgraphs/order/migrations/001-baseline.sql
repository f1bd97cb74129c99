-- An order: `details` never change, `progress` is what events have reported, and the status follows from it.
create table orders (
  id text primary key,
  number text not null unique,
  customer_id text,
  email text not null,
  -- The e-mail in the form in which held and unpaid orders are counted.
  email_key text not null,
  -- A keyed hash of the network address that placed it; the address itself is not stored.
  client text,
  cart_id text not null,
  cart_version int not null,
  status text not null,
  status_reason text,
  expires_at timestamptz,
  -- The next deadline: to expire the order, or to send reminders. Null without one.
  due_at timestamptz,
  version int not null,
  -- The timeline's last counter, raised under this row's lock.
  counter int not null,
  details jsonb not null,
  progress jsonb not null,
  is_held_unpaid boolean not null,
  created_at timestamptz not null
);

-- One live order per cart version; an order that was rejected, cancelled or expired leaves the version free.
create unique index orders_live_cart on orders (cart_id, cart_version)
  where status not in ('REJECTED', 'CANCELLED', 'EXPIRED');
create index orders_of_customer on orders (customer_id, id) where customer_id is not null;
create index orders_by_status on orders (status, id);
create index orders_due on orders (due_at) where due_at is not null;
-- Staff's work list: few of all orders.
create index orders_disputed on orders ((progress -> 'dispute' ->> 'status'), id) where progress ? 'dispute';
create index orders_unpaid_of_customer on orders (customer_id) where is_held_unpaid;
create index orders_unpaid_of_email on orders (email_key) where is_held_unpaid;
create index orders_unpaid_of_client on orders (client) where is_held_unpaid;

-- The last counter of each customer's feed, raised under its row's lock.
create table customer_feeds (
  customer_id text primary key,
  counter int not null
);

-- The timeline; a subscriber's cursor is a counter of it. Without a foreign key: a row is written with its order, and the
-- check costs a tenth of the writing.
create table order_events (
  order_id text not null,
  counter int not null,
  customer_id text,
  customer_counter int,
  type text not null,
  status text not null,
  message text not null,
  causation_id uuid,
  occurred_at timestamptz not null,
  primary key (order_id, counter)
);
create unique index order_events_of_customer on order_events (customer_id, customer_counter)
  where customer_id is not null;

-- The words by which staff find an order, apart from the orders so that their changes don't touch its index.
create table order_search (
  order_id text primary key,
  words text not null
);

-- Without pg_trgm (a Postgres without contrib, or a role that may not create it) staff's search reads the whole table.
do $$
begin
  create extension if not exists pg_trgm;
  execute 'create index order_search_words on order_search using gin (words gin_trgm_ops)';
exception when others then
  raise notice 'staff search has no index: %', sqlerrm;
end
$$;

-- Declined payments of each payer (a customer, or the hash of a network address) within the window that began `since` then.
create table declines (
  payer_key text primary key,
  declined int not null,
  since timestamptz not null
);
create index declines_by_age on declines (since);
