-- Books units in or out, one after another; one that is refused stops no other.
-- Inputs: [{ sku, warehouseCode, delta, reason, idempotencyKey }]; gives results in their order, and the stock that changed.
create function adjust_stock(the_caller text, inputs jsonb) returns jsonb language plpgsql as $$
declare
  input record;
  before record;
  results jsonb[] := '{}';
  changed text[] := '{}';
  result text;
begin
  -- A caller's calls come one after another: the same key twice at once finds what the first did.
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
      update stock set on_hand = on_hand + input.delta
      where sku = input.sku and warehouse_code = input."warehouseCode"
        and on_hand + input.delta between reserved and 1000000000;
      if found then
        insert into stock_movements (sku, warehouse_code, delta, reason, caller, idempotency_key)
        values (input.sku, input."warehouseCode", input.delta, input.reason, the_caller, input."idempotencyKey");
        changed := changed || input.sku;
        result := 'adjusted';
      else
        result := case
          when not exists (select from items where sku = input.sku) then 'UNKNOWN_SKU'
          when not exists (select from warehouses where code = input."warehouseCode") then 'UNKNOWN_WAREHOUSE'
          when input.delta < 0 then 'TOO_LITTLE_FREE'
          else 'TOO_MUCH' end;
      end if;
    end if;
    results := results || to_jsonb(result);
  end loop;
  return jsonb_build_object('results', to_jsonb(results), 'stock', coalesce(tell_stock(changed), '[]'));
end $$;
