-- An order: what was bought never changes, progress is what others have told, status what follows from it.
create table orders (
  id text primary key,
  number text not null unique,
  customer_id text,
  email text not null,
  cart_id text not null,
  cart_version int not null,
  status text not null,
  status_reason text,
  expires_at timestamptz,
  -- When this service must look at it by itself: to expire it, or to remind others. Null while nothing is owed.
  due_at timestamptz,
  version int not null,
  -- The timeline's last counter, raised under this row's lock.
  counter int not null,
  bought jsonb not null,
  progress jsonb not null,
  created_at timestamptz not null
);

-- One live order per cart version; an order that came to nothing leaves the cart free to try again.
create unique index orders_live_cart on orders (cart_id, cart_version)
  where status not in ('REJECTED', 'CANCELLED', 'EXPIRED');
create index orders_of_customer on orders (customer_id, id) where customer_id is not null;
create index orders_by_status on orders (status, id);
create index orders_due on orders (due_at) where due_at is not null;

-- The last counter of all that happened to a customer's orders, raised under its row's lock.
create table customer_feeds (
  customer_id text primary key,
  counter int not null
);

-- The timeline; what a subscriber's cursor counts.
create table order_events (
  order_id text not null references orders (id),
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

-- What staff look for, apart from the orders so that their changes don't touch its index.
create table order_search (
  order_id text primary key references orders (id),
  words text not null
);

-- Without pg_trgm (a Postgres without contrib, or a role that may not create it) staff's search reads the whole table.
do $$
begin
  create extension if not exists pg_trgm;
  execute 'create index order_search_words on order_search using gin (words gin_trgm_ops)';
exception when others then
  raise notice 'staff search goes without an index: %', sqlerrm;
end
$$;
