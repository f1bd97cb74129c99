-- The projection of account's tiers: a customer without a row is STANDARD.
create table customer_tiers (
  customer_id text primary key,
  tier text not null check (tier in ('STANDARD', 'VIP')),
  -- Account's version of the user: older events are ignored.
  version int not null
);
