-- What shoppers did. No other service has it, so no rebuild of the index can bring it back.

create table popularity (
  product_id text primary key,
  -- A sum of decaying weights; it never sinks.
  score double precision not null,
  -- False until the index has this score.
  is_indexed boolean not null default false
) with (fillfactor = 80);
create index popularity_to_index on popularity (product_id) where not is_indexed;

-- The last views and purchases of each customer.
create table interactions (
  id bigint generated always as identity primary key,
  customer_id text not null,
  product_id text not null,
  weight int not null,
  -- The search that led to the product, as it would be suggested.
  query text
);
create index interactions_of_customer on interactions (customer_id, id);

create table popular_queries (
  -- By code units, so that a prefix is a range.
  text text collate "C" primary key,
  times int not null default 0,
  -- Who asked it last; each counts once.
  askers jsonb not null default '[]'
) with (fillfactor = 80);
-- A query is suggested once it was asked three times.
create index popular_queries_suggested on popular_queries (text) where times >= 3;
