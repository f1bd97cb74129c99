-- Events name a cart by the hash of its id, since a guest's cart is open to whoever knows the id. As refOf of schema/values.
create function cart_ref(id text) returns text language sql immutable parallel safe as $$
  select translate(encode(substring(sha256(convert_to(id, 'UTF8')) for 24), 'base64'), '+/', '-_')
$$;
alter table carts add column ref text not null generated always as (cart_ref(id)) stored;
create unique index carts_by_ref on carts (ref);
