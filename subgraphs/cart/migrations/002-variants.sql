-- What cart knows of variants: a projection of catalog's and inventory's events, which can be built again.
create table variants (
  sku text primary key,
  variant_id text not null,
  product_id text not null,
  -- Null until catalog has told of it.
  title text,
  image_url text,
  prices jsonb not null default '[]',
  weight_grams integer not null default 0,
  is_for_sale boolean not null default false,
  available integer not null default 0,
  stock_version integer not null default 0,
  -- The batch that wrote it last: what a cache reads to keep up.
  revision bigint not null
);
create index variants_by_product on variants (product_id);
create index variants_by_revision on variants (revision);

-- The newest version seen of each product: also of those whose variants are gone.
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
