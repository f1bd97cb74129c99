create table warehouses (
  code text primary key,
  id text not null unique,
  name text not null,
  country text not null check (country ~ '^[A-Z]{2}$'),
  -- Whoever stands first sends when nothing else speaks for a warehouse.
  rank int not null unique
);
insert into warehouses (code, id, name, country, rank)
values ('BER', 'wh_ber', 'Berlin', 'DE', 1), ('RNO', 'wh_rno', 'Reno', 'US', 2);

-- What catalog sells, as far as inventory must know it.
create table items (
  sku text primary key,
  variant_id text not null,
  product_id text not null,
  -- Catalog's version of the product: older news is not taken.
  product_version int not null,
  -- Grows with each change of what can be bought; the version of StockChanged.
  version int not null default 0
) with (fillfactor = 70);
create index items_by_variant on items (variant_id);

create table stock (
  sku text not null references items,
  warehouse_code text not null references warehouses,
  on_hand int not null default 0 check (on_hand >= 0),
  reserved int not null default 0 check (reserved >= 0),
  sold int not null default 0 check (sold >= 0),
  primary key (sku, warehouse_code),
  constraint promised_units_are_there check (reserved <= on_hand)
) with (fillfactor = 70);

-- The books: every unit that came in or went out, but those sold. Also the memory of idempotency keys.
create table stock_movements (
  id bigint generated always as identity primary key,
  sku text not null,
  warehouse_code text not null,
  delta int not null check (delta <> 0),
  reason text not null,
  caller text not null,
  idempotency_key text not null,
  booked_at timestamptz not null default now(),
  foreign key (sku, warehouse_code) references stock,
  unique (caller, idempotency_key)
);

create table reservations (
  order_id text primary key,
  status text not null check (status in ('RESERVED', 'SOLD', 'RELEASED', 'FAILED')),
  version int not null default 1,
  -- What was answered, to be answered again when order asks again.
  shortages jsonb,
  was_sold boolean,
  changed_at timestamptz not null default now()
) with (fillfactor = 70);

-- Which warehouse sends how much of a line; written once, with the reservation. No foreign keys: reserve_stock has
-- just written the one row and changed the other, and looking again costs a fifth of its time.
create table allocations (
  order_id text not null,
  line_id text not null,
  warehouse_code text not null,
  sku text not null,
  quantity int not null check (quantity > 0),
  -- Its place in the answer.
  turn int not null,
  primary key (order_id, line_id, warehouse_code)
);

-- Invariant I1 as a view: empty, or the books are wrong.
create view stock_that_does_not_add_up as
select stock.*, booked, promised, taken
from stock
left join lateral (
  select coalesce(sum(delta), 0) as booked from stock_movements m
  where (m.sku, m.warehouse_code) = (stock.sku, stock.warehouse_code)
) books on true
left join (
  select sku, warehouse_code,
    sum(quantity) filter (where status = 'RESERVED') as promised,
    sum(quantity) filter (where status = 'SOLD') as taken
  from allocations join reservations using (order_id)
  group by sku, warehouse_code
) orders using (sku, warehouse_code)
where on_hand + sold <> booked
  or reserved <> coalesce(promised, 0)
  or sold <> coalesce(taken, 0);
