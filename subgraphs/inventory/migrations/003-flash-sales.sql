-- Units of a flash sale: on hand, and neither reserved nor for sale to ordinary orders. So available = on_hand - reserved - flash.
alter table stock add column flash int not null default 0 check (flash >= 0);
alter table stock drop constraint reserved_units_are_on_hand;
alter table stock add constraint promised_units_are_on_hand check (reserved + flash <= on_hand);

-- A sale of one variant. Its row is locked by each decision about its tickets, so that instances decide one after another.
create table flash_sales (
  id text primary key,
  sku text not null references items,
  price jsonb not null,
  units_total int not null check (units_total between 0 and 100000),
  -- Units without a ticket. While the sale runs, none waits as long as one is free.
  units_free int not null check (units_free >= 0),
  -- Units of confirmed orders.
  units_sold int not null default 0 check (units_sold >= 0),
  waiting int not null default 0 check (waiting >= 0),
  per_customer_limit int not null,
  starts_at timestamptz not null,
  -- Moved to the present by staff who end the sale early.
  ends_at timestamptz not null,
  hold_seconds int not null,
  outside_sale text not null check (outside_sale in ('ORDINARY', 'NOT_FOR_SALE')),
  -- Two lines, served vip : standard while both wait; null for one line.
  vip_ratio int,
  standard_ratio int,
  line_factor int not null,
  line_floor int not null,
  -- The highest ticket number, the number of grants of a unit so far, and of grants made while both lines waited.
  last_number int not null default 0,
  last_grant int not null default 0,
  contested_grants int not null default 0,
  -- Set once the waiting tickets have their final status and the free units are back in the ordinary stock.
  closed_at timestamptz,
  -- Grows with each change; the version of FlashSaleChanged, and the fence of what Redis shows.
  version int not null default 1,
  created_by text not null,
  created_at timestamptz not null default now(),
  check (starts_at < ends_at or closed_at is not null),
  check (units_free + units_sold <= units_total)
) with (fillfactor = 50);
create index flash_sales_by_sku on flash_sales (sku, starts_at);
create index flash_sales_open on flash_sales (ends_at) where closed_at is null;
create index flash_sales_by_start on flash_sales (starts_at);

-- One customer's place in a sale. WAITING -> HOLDING -> BOUGHT | EXPIRED | LEFT, or WAITING -> SOLD_OUT | LEFT.
create table flash_tickets (
  id text primary key,
  sale_id text not null references flash_sales,
  -- The order of arrival, which is the order of service within a line; given under the sale's lock.
  number int not null,
  customer_id text not null,
  line text not null check (line in ('VIP', 'STANDARD')),
  status text not null check (status in ('WAITING', 'HOLDING', 'BOUGHT', 'EXPIRED', 'LEFT', 'SOLD_OUT')),
  -- Counts the ticket's changes from 1: a subscriber's cursor.
  counter int not null default 1,
  entered_at timestamptz not null,
  granted_at timestamptz,
  -- The place of its unit among all grants of the sale, and whether both lines waited when it was given.
  grant_number int,
  was_contested boolean not null default false,
  hold_expires_at timestamptz,
  -- Its unit; kept when the unit has gone back.
  unit int,
  -- The order that the hold went into: its end alone ends the hold.
  order_id text,
  -- When its status became final.
  ended_at timestamptz,
  -- When the unit of a BOUGHT ticket came back, because the confirmed order was cancelled after all.
  returned_at timestamptz,
  unique (sale_id, number)
) with (fillfactor = 70);
-- I5: one hold, and one place in the line, per customer and sale.
create unique index flash_tickets_live on flash_tickets (sale_id, customer_id) where status in ('WAITING', 'HOLDING');
-- A unit has one owner.
create unique index flash_tickets_unit on flash_tickets (sale_id, unit)
  where status = 'HOLDING' or (status = 'BOUGHT' and returned_at is null);
create index flash_tickets_of_customer on flash_tickets (customer_id, sale_id, number);
create index flash_tickets_waiting on flash_tickets (sale_id, line, number) where status = 'WAITING';
create index flash_tickets_expiring on flash_tickets (hold_expires_at) where status = 'HOLDING' and order_id is null;
create unique index flash_tickets_order on flash_tickets (order_id) where order_id is not null;

-- The units of a sale, each in the warehouse that sends it.
create table flash_units (
  sale_id text not null references flash_sales,
  unit int not null,
  sku text not null,
  warehouse_code text not null,
  -- SET_ASIDE: counted in stock.flash, with or without a ticket. ORDERED: in an order's reservation. SOLD. BACK: in the
  -- ordinary stock again.
  status text not null default 'SET_ASIDE' check (status in ('SET_ASIDE', 'ORDERED', 'SOLD', 'BACK')),
  -- Whose it is; null while it is free.
  ticket_id text,
  primary key (sale_id, unit)
) with (fillfactor = 70);
create index flash_units_free on flash_units (sale_id, unit) where ticket_id is null and status = 'SET_ASIDE';
create index flash_units_of_sku on flash_units (sku, warehouse_code) where status = 'SET_ASIDE';
