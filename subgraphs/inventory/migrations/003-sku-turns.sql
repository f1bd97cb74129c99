-- How many times the SKU has gone to another product: what a lower turn says of it is out of date, whenever it comes.
alter table items add column sku_turn int not null default 1;
