-- The functions of this folder read row by row through keys, on purpose: a plan over sets that was made while the tables
-- were empty reads all of them until the next ANALYZE.
-- Each act is one call, so that it can't be torn, and a contended row is locked for a statement and a commit. Each act locks
-- in one order: reservation, flash sale, ticket, stock by SKU and warehouse, item by SKU. So two acts never deadlock; acts on many orders that
-- share a transaction can, and are then retried, at last each by itself; batches lock their flash sales first (`lock_flash_sales_of`).

create or replace function lock_stock(skus text[]) returns void language plpgsql as $$
declare
  the_sku text;
begin
  for the_sku in select distinct unnest(skus) order by 1 loop
    perform from stock where sku = the_sku order by warehouse_code for update;
  end loop;
end $$;

-- Raises the versions of items; returns their stock for StockChanged. The caller has locked their rows of stock.
create or replace function raise_versions(skus text[]) returns jsonb language plpgsql as $$
declare
  the_sku text;
  item items;
  states jsonb := '[]';
begin
  for the_sku in select distinct unnest(skus) order by 1 loop
    update items set version = version + 1 where sku = the_sku returning * into item;
    states := states || jsonb_build_object(
      'sku', the_sku, 'variantId', item.variant_id, 'productId', item.product_id, 'version', item.version,
      'available', (select sum(on_hand - reserved - flash) from stock where sku = the_sku));
  end loop;
  return states;
end $$;
