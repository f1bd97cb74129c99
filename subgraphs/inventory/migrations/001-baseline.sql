create table warehouses (
  code text primary key,
  id text not null unique,
  name text not null,
  country text not null check (country ~ '^[A-Z]{2}$'),
  -- The tie-break between warehouses: the first in this order.
  rank int not null unique
);
insert into warehouses (code, id, name, country, rank)
values ('BER', 'wh_ber', 'Berlin', 'DE', 1), ('RNO', 'wh_rno', 'Reno', 'US', 2);

-- The projection of catalog's variants.
create table items (
  sku text primary key,
  variant_id text not null,
  product_id text not null,
  -- Catalog's version of the product: older events are ignored.
  product_version int not null,
  -- Grows with each change of the available units; the version of StockChanged.
  version int not null default 0
) with (fillfactor = 70);
create index items_by_variant on items (variant_id);

create table stock (
  sku text not null references items,
  warehouse_code text not null references warehouses,
  on_hand int not null default 0 check (on_hand >= 0),
  reserved int not null default 0 check (reserved >= 0),
  sold int not null default 0 check (sold >= 0),
  -- Reserved units of orders that are not being paid, counted on the rows that reserving, selling and releasing lock and
  -- write anyway: of orders without a payment method,
  unpaid int not null default 0 check (unpaid >= 0),
  -- and of orders with one, which keep their stock if the attempt fails or waits for the customer.
  keepable int not null default 0 check (keepable >= 0),
  primary key (sku, warehouse_code),
  constraint reserved_units_are_on_hand check (reserved <= on_hand),
  constraint held_units_are_reserved check (unpaid + keepable <= reserved)
) with (fillfactor = 70);

-- The ledger: all units that came in or went out, without those sold. Also the memory of idempotency keys.
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
  status text not null check (status in ('RESERVED', 'SOLD', 'RELEASED', 'FAILED', 'YIELDED')),
  version int not null default 1,
  -- The answer, for repeated events: of FAILED,
  shortages jsonb,
  -- and of RELEASED; null for the mark that keeps a late reservation out.
  was_sold boolean,
  changed_at timestamptz not null default now(),
  -- An order that yields its stock and is paid after all reserves anew, under the next turn.
  turn int not null default 1,
  -- The column of `stock` that counts these units; null for units that are held only while they are being paid.
  share text check (share in ('unpaid', 'keepable'))
) with (fillfactor = 70);

-- The warehouse and quantity of each reserved line; written once, with the reservation. No foreign keys: reserve_stock
-- has just written the one row and changed the other, and the check of the keys costs a fifth of its time.
create table allocations (
  order_id text not null,
  line_id text not null,
  warehouse_code text not null,
  sku text not null,
  quantity int not null check (quantity > 0),
  -- Its place in InventoryReserved.
  position int not null,
  primary key (order_id, line_id, warehouse_code)
);
