-- SKUs that look alike are one: `key` is the SKU in the form in which it is compared (skuKey in schema/values). Not
-- unique, because older rows may break the rule; writers check it under the lock of names. `turn` grows each time the SKU goes
-- to another product, so that what comes late of the one before counts no more.
alter table skus add column key text not null default '', add column turn int not null default 1;
update skus set key = lower(normalize(sku, NFKC));
create index skus_key on skus (key);

-- Variants whose SKU another product has now: carts and orders still find them by their id.
create table former_variants (
  variant_id text primary key,
  product_id text not null references products on delete cascade
);

-- Slugs that a product has had: a link still finds it, and gets the slug of today. A product that takes one has it.
create table old_slugs (
  slug text primary key,
  product_id text not null references products on delete cascade
);
create index old_slugs_product on old_slugs (product_id);

-- How the shop spells a brand, an attribute's name and an attribute's values: as they were first written.
create table spellings (
  kind text not null,
  key text not null,
  text text not null,
  primary key (kind, key)
);

-- Digests of the fields that a product's last import wrote: what differs from them since was changed by hand.
create table import_marks (
  product_id text primary key references products on delete cascade,
  marks jsonb not null
);
