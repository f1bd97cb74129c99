-- The flash-sale ticket that an order's line was bought with. Its unit never counts as held and unpaid.
alter table allocations add column ticket_id text;

drop function if exists reserve_stock(text, text, jsonb, int, boolean, jsonb);
drop function if exists release_stock(text);
drop function if exists sell_stock(text);
-- The view that reads them is made anew, with more columns.
drop view if exists stock_discrepancies;
