-- Customers' carts; guests' live in Redis. Lines are one document: a cart is read, changed and locked whole.
create table carts (
  id text primary key,
  -- The highest is the customer's current cart.
  place bigint generated always as identity,
  customer_id text not null,
  version integer not null,
  currency text not null,
  lines jsonb not null,
  updated_at timestamptz not null
);
create index carts_by_customer on carts (customer_id, place desc);

-- Orders whose bought quantities have left a customer's cart by way of a task, which may run twice.
create table bought_orders (
  order_id text primary key,
  taken_out_at timestamptz not null default now()
);
