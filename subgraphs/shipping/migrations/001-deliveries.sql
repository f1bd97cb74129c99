-- All that is sent for one order; one row even for an order that was called off before it was confirmed.
create table deliveries (
  order_id text primary key,
  status text not null check (status in ('BOOKING', 'BOOKED', 'FAILED', 'CANCELLED')),
  version int not null,
  reason text,
  -- The confirmation that it answers, for the chain of causes.
  cause text,
  changed_at timestamptz not null default now()
) with (fillfactor = 80);

create table shipments (
  id text primary key,
  order_id text not null,
  warehouse_code text not null,
  carrier text not null,
  tracking_number text,
  tracking_url text,
  status text not null
    check (status in ('SCHEDULED', 'SHIPPED', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'DELIVERED', 'CANCELLED')),
  estimated_delivery timestamptz not null,
  contents jsonb not null,
  events jsonb not null
) with (fillfactor = 80);
create index shipments_of_order on shipments (order_id);
