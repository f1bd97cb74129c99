-- Idempotency records of claimed carts, from when they were guests' and in Redis: a repetition that comes after the claim
-- finds them here.
create table claimed_receipts (
  cart_id text not null,
  name text not null,
  value text not null,
  claimed_at timestamptz not null default now(),
  primary key (cart_id, name)
);
create index claimed_receipts_by_age on claimed_receipts (claimed_at);
