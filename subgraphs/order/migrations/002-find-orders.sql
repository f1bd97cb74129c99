-- When the order changed last; rows from before this column count from their placing. A BRIN index costs a change next to
-- nothing: newer versions of rows stand behind older ones.
alter table orders add column changed_at timestamptz;
update orders set changed_at = created_at;
alter table orders alter column changed_at set not null, alter column changed_at set default now();
create index orders_by_change on orders using brin (changed_at) with (autosummarize = on);
-- The two states of the money that few orders are in.
create index orders_by_money on orders ((progress ->> 'money'), id)
  where progress ->> 'money' in ('AUTHORISED', 'RETURNED');

-- As searchWords of schema/values has them from now on: plain letters, also of SKUs, postal codes and telephone numbers.
update order_search s set words = ' ' || left(concat_ws(' ',
    regexp_replace(normalize(s.words, NFKD), U&'[\0300-\036F''\2019\2018\02BC]', '', 'g'),
    regexp_replace(normalize(lower(found.skus), NFKD), U&'[\0300-\036F]', '', 'g'),
    lower(found.postal_code), regexp_replace(lower(found.postal_code), '[^a-z0-9]', '', 'g'),
    regexp_replace(found.phone, '[^0-9]', '', 'g')), 10000) || ' '
from (
  select o.id, o.details #>> '{address,postalCode}' as postal_code, o.details #>> '{address,phone}' as phone,
    (select string_agg(line ->> 'sku', ' ') from jsonb_array_elements(o.details -> 'lines') line) as skus
  from orders o
) as found
where found.id = s.order_id;
