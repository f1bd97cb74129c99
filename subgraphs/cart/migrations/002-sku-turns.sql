-- How many times the SKU has gone to another product: what a lower turn says of it is out of date, whenever it comes.
alter table variants add column sku_turn integer not null default 1;
