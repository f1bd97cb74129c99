-- Books units in or out, one adjustment after another; a refused one stops no other.
-- Inputs: [{ sku, warehouseCode, delta, reason, idempotencyKey }]; returns results in their order, and the stock that changed.
create or replace function adjust_stock(the_caller text, inputs jsonb) returns jsonb language plpgsql as $$
declare
  input record;
  before record;
  level record;
  results jsonb[] := '{}';
  changed text[] := '{}';
  result text;
begin
  -- The calls of one caller run one after another: of concurrent calls with the same key, the second finds the first's row.
  perform pg_advisory_xact_lock(hashtextextended('adjust_stock ' || the_caller, 0));
  perform lock_stock(array(select each ->> 'sku' from jsonb_array_elements(inputs) each));
  for input in
    select * from jsonb_to_recordset(inputs)
      as x (sku text, "warehouseCode" text, delta int, reason text, "idempotencyKey" text)
  loop
    select m.sku, m.warehouse_code, m.delta, m.reason into before from stock_movements m
    where caller = the_caller and idempotency_key = input."idempotencyKey";
    if found then
      result := case when before = (input.sku, input."warehouseCode", input.delta, input.reason)
        then 'replayed' else 'IDEMPOTENCY_KEY_REUSED' end;
    else
      -- Locked by the check itself: the projection may insert the row between two statements.
      select on_hand + input.delta < reserved + flash as is_too_little, on_hand + input.delta > 1000000000 as is_too_much
      into level from stock where sku = input.sku and warehouse_code = input."warehouseCode" for update;
      if not found then
        result := case
          when exists (select from items where sku = input.sku)
            and not exists (select from warehouses where code = input."warehouseCode") then 'UNKNOWN_WAREHOUSE'
          else 'UNKNOWN_SKU' end;
      elsif level.is_too_little then
        result := 'TOO_LITTLE_FREE';
      elsif level.is_too_much then
        result := 'TOO_MUCH';
      else
        update stock set on_hand = on_hand + input.delta
        where sku = input.sku and warehouse_code = input."warehouseCode";
        insert into stock_movements (sku, warehouse_code, delta, reason, caller, idempotency_key)
        values (input.sku, input."warehouseCode", input.delta, input.reason, the_caller, input."idempotencyKey");
        changed := changed || input.sku;
        result := 'adjusted';
      end if;
    end if;
    results := results || to_jsonb(result);
  end loop;
  return jsonb_build_object('results', to_jsonb(results), 'stock', raise_versions(changed));
end $$;
