-- The reference of a cart: the hash of its id, because the id of a guest cart opens it. As refOf of schema/values. It stands
-- here and not in repeatable/, since the column computed with it isn't computed again when the function changes.
create function cart_ref(id text) returns text language sql immutable parallel safe as $$
  select translate(encode(substring(sha256(convert_to(id, 'UTF8')) for 24), 'base64'), '+/', '-_')
$$;

-- Customers' carts; guest carts are in Redis. The lines are one document: a cart is read, changed and locked whole.
create table carts (
  id text primary key,
  -- Events and Redis keys name a cart by it.
  ref text not null generated always as (cart_ref(id)) stored,
  -- The customer's current cart has the highest.
  sequence bigint generated always as identity,
  customer_id text not null,
  version integer not null,
  currency text not null,
  lines jsonb not null,
  updated_at timestamptz not null
);
create index carts_by_customer on carts (customer_id, sequence desc);
create unique index carts_by_ref on carts (ref);

-- Confirmed orders, each once: order may publish OrderConfirmed again under another id. removed_at is null while a task has to
-- remove the lines from the cart, until it has removed them from a customer's cart.
create table purchased_orders (
  order_id text primary key,
  removed_at timestamptz
);

-- Idempotency records of claimed carts, from their time as guest carts in Redis: a replay after the claim finds them here.
create table claimed_idempotency_records (
  cart_id text not null,
  key text not null,
  value text not null,
  claimed_at timestamptz not null default now(),
  primary key (cart_id, key)
);
create index claimed_idempotency_records_by_age on claimed_idempotency_records (claimed_at);

-- The projection of variants, by events of catalog and inventory; it can be built again.
create table variants (
  sku text primary key,
  variant_id text not null,
  product_id text not null,
  -- Null before catalog's first event about the variant.
  title text,
  image_url text,
  prices jsonb not null default '[]',
  weight_grams integer not null default 0,
  is_for_sale boolean not null default false,
  available integer not null default 0,
  stock_version integer not null default 0,
  -- The batch that wrote the row last; caches poll for higher ones.
  revision bigint not null
);
create index variants_by_product on variants (product_id);
create index variants_by_revision on variants (revision);

-- The newest version of each product in the projection, also of products without variants.
create table products (
  product_id text primary key,
  version integer not null
);

-- One row, whose lock makes revisions visible in their own order.
create table projection (
  is_only boolean primary key default true check (is_only),
  revision bigint not null default 0,
  is_rebuilt boolean not null default false
);
insert into projection default values;
