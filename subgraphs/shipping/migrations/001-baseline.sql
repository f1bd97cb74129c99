-- All parcels of one order; one row also for an order that ended before it was confirmed.
create table deliveries (
  order_id text primary key,
  status text not null check (status in ('UNCONFIRMED', 'BOOKING', 'BOOKED', 'FAILED', 'CANCELLED')),
  version int not null,
  reason text,
  -- The id of OrderConfirmed, as the cause of later events.
  cause text,
  changed_at timestamptz not null default now(),
  -- Order's request that called it off, for repeated answers; null when there was none.
  called_off jsonb,
  -- The newest OrderHoldChanged, which may come before the confirmation.
  hold jsonb
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
