-- Whether the variant can be bought: of an archived product nothing can, whatever is on the shelves. Rows that stand here before
-- their product's next event count as for sale, as they did until now.
alter table items add column is_for_sale boolean not null default true;
create index items_by_product on items (product_id);
