import { corruption, inDetails, type Corruption } from "./corruption.ts";
import { saleCorruptions } from "./sale-corruptions.ts";

const inProgress = (path: string, value: string) =>
  `update orders set progress = jsonb_set(progress, '${path}', '${value}')`;
const lastRow =
  "order_events e set status = 'PAID' from orders o where o.id = order_id and e.counter = o.counter";

/** By invariant, at least one for each thing that the checker reads. */
export const corruptions: Corruption[] = [
  corruption(/^I1: .* 1 sold/, "inventory.stock", "update stock set sold = sold + 1 where sold = 0"),
  corruption(/^I1: .* does not add up/, "inventory.stock", "update stock set on_hand = on_hand + 1"),
  corruption(/^I1: .* does not add up/, "inventory.stock_movements", "delete from stock_movements"),
  corruption(/^I2: order ord_\w+ does not rest: PAID/, "order.orders", "update orders set status = 'PAID'"),
  corruption(
    /^I2: order ord_\w+ came back/,
    "order.order_events",
    "update order_events set status = 'EXPIRED' where counter = 2",
  ),
  corruption(
    /^I3: payment has paid back 1 of ord_\w+, the provider 0/,
    "payment.payments",
    "update payments set refunded = 1",
  ),
  corruption(/^I3: .*is kept/, "payment.payments", "update payments set status = 'VOIDED'"),
  corruption(/^I3: .* the order for/, "payment.payments", "update payments set amount = amount + 1"),
  corruption(
    /^I4: stock is RESERVED for ord_unknown/,
    "inventory.reservations",
    "insert into reservations (order_id, status) values ('ord_unknown', 'RESERVED')",
  ),
  corruption(
    /^I4: order ord_\w+ is CONFIRMED and its stock is RESERVED/,
    "inventory.reservations",
    "update reservations set status = 'RESERVED'",
  ),
  corruption(
    /^I4: order ord_\w+ is CONFIRMED and its stock was never sold/,
    "inventory.reservations",
    "delete from reservations",
  ),
  corruption(
    /^I4: 1 of \S+ in \w+ are reserved, for orders 0/,
    "inventory.stock",
    "update stock set reserved = reserved + 1 where on_hand > 0",
  ),
  corruption(
    /^I4: 4 of \S+ in \w+ are sold, to orders 6/,
    "inventory.allocations",
    "update allocations set quantity = quantity + 1 where quantity = 2",
  ),
  corruption(
    /^I4: 0 of NONE in BER are sold, to orders 1/,
    "inventory.allocations",
    "insert into allocations select order_id, 'lin_none', 'BER', 'NONE', 1, 9 from allocations limit 1",
  ),
  corruption(/^I5: /, "order.orders", inDetails("{lines,0,quantity}", "7")),
  corruption(/^I5: /, "inventory.allocations", "update allocations set line_id = 'lin_other'"),
  corruption(
    /^I6: evt\.order\.\d+\.OrderConfirmed .* no effect on shipping/,
    "shipping.inbox",
    "delete from inbox",
  ),
  corruption(
    /^I6: cart has put evt\.broken into dead_letters: no reason/,
    "cart.dead_letters",
    "insert into dead_letters (event_id, subject, body, reason, attempts) values (gen_random_uuid(), 'evt.broken', '{}', 'no reason', 1)",
  ),
  corruption(
    /^I7: one event was shown twice as PAYMENT_PROCESSED/,
    "order.order_events",
    "insert into order_events select order_id, counter + 100, null, null, type, status, message, causation_id, occurred_at from order_events where type = 'PAYMENT_PROCESSED'",
  ),
  corruption(
    /^I7: order has logged \S+ twice/,
    "order.outbox_log",
    "insert into outbox_log (stream_seqs, lowest_seq, highest_seq, subjects, bodies) select stream_seqs, lowest_seq, highest_seq, subjects, bodies from outbox_log limit 1",
  ),
  corruption(
    /^I7: order ord_\w+ has 2 payments/,
    "payment.payments",
    "create temp table twin as select * from payments; update twin set id = id || '_twin'; insert into payments select * from twin",
  ),
  corruption(
    /^I8: the timeline of ord_\w+ has a gap/,
    "order.order_events",
    "delete from order_events where counter = 2",
  ),
  corruption(
    /^I8: the feed of customer usr_\w+ has a gap/,
    "order.customer_feeds",
    "update customer_feeds set counter = counter + 1",
  ),
  corruption(
    /^I9: order ord_\w+ is CONFIRMED, of 2 .* it sends nothing/,
    "shipping.shipments",
    "delete from shipments",
  ),
  corruption(
    /^I9: order ord_\w+ is CONFIRMED, .* it sends 1 /,
    "shipping.shipments",
    "update shipments set contents = jsonb_set(contents, '{0,quantity}', '1')",
  ),
  corruption(
    /^I9: order ord_\w+ is CONFIRMED, .* it sends .* in MOON/,
    "shipping.shipments",
    "update shipments set warehouse_code = 'MOON'",
  ),
  corruption(
    /^I9: order ord_\w+ is CONFIRMED, .* it sends nothing/,
    "shipping.shipments",
    "update shipments set status = 'CANCELLED'",
  ),
  corruption(
    /^I9: order ord_unknown is undefined and a shipment of it is SCHEDULED/,
    "shipping.shipments",
    "update shipments set order_id = 'ord_unknown'",
  ),
  corruption(
    /^I10: a task of payment is overdue: capture/,
    "payment.tasks",
    "insert into tasks (id, kind, payload, run_at, locked_until, attempts) values ('late', 'capture', '{}', now() - interval '1 hour', now() - interval '1 minute', 21)",
  ),
  corruption(
    /^I10: order ord_\w+ is CONFIRMED/,
    "order.orders",
    "update orders set due_at = now() - interval '1 hour'",
  ),
  corruption(
    /^I11: the timeline of ord_\w+, which is CONFIRMED, goes from CREATED to PAID/,
    "order.order_events",
    `update ${lastRow}`,
  ),
  corruption(
    /^I11: order ord_\w+ is CONFIRMED, and its timeline has no PAYMENT_PROCESSED/,
    "order.order_events",
    "update order_events set type = 'PAYMENT_FAILED' where type = 'PAYMENT_PROCESSED'",
  ),
  corruption(
    /^I11: row \d+ of the timeline of ord_\w+ has an unknown cause/,
    "order.order_events",
    "update order_events set causation_id = gen_random_uuid() where causation_id is not null",
  ),
  corruption(
    /^I11: evt\.payment\.\d+\.PaymentCaptured .* no service has published/,
    "inventory.outbox_log",
    "update outbox_log set (stream_seqs, subjects, bodies) = (select coalesce(array_agg(stream_seq), '{}'), coalesce(array_agg(subject), '{}'), coalesce(array_agg(body), '{}') from unnest(stream_seqs, subjects, bodies) as event (stream_seq, subject, body) where subject not like '%InventoryReserved')",
  ),
  ...saleCorruptions,
  corruption(/^I14: the total of ord_\w+/, "order.orders", inDetails("{totals,tax,amount}", "99999")),
  corruption(/^I14: the total of ord_\w+/, "order.orders", inDetails("{lines,0,unitPrice,amount}", "1")),
  corruption(
    /^I16: cart's copy of \S+ has prices/,
    "cart.variants",
    "update variants set prices = jsonb_set(prices, '{0,amount}', '1')",
  ),
  corruption(
    /^I16: cart's copy of \S+ has on sale false/,
    "cart.variants",
    "update variants set is_for_sale = false",
  ),
  corruption(
    /^I16: cart's copy of \S+ has grams/,
    "cart.variants",
    "update variants set weight_grams = weight_grams + 1",
  ),
  corruption(
    /^I16: cart's copy of \S+'s stock has available/,
    "cart.variants",
    "update variants set available = available + 1",
  ),
  corruption(/^I16: cart doesn't know \S+/, "cart.variants", "delete from variants"),
  corruption(
    /^I16: cart's copy of \S+ has product version/,
    "cart.products",
    "update products set version = version - 1",
  ),
  corruption(
    /^I16: catalog's copy of \S+'s stock has available/,
    "catalog.stock",
    "update stock set available = available + 1",
  ),
  corruption(
    /^I16: catalog's copy of \S+'s stock has version/,
    "catalog.stock",
    "update stock set version = version - 1",
  ),
  corruption(
    /^I16: inventory's copy of \S+ has product version/,
    "inventory.items",
    "update items set product_version = product_version - 1",
  ),
  corruption(
    /^I16: search sorts prd_\w+ by another price/,
    "catalog.products",
    "update products set variants = jsonb_set(variants, '{0,prices,0,amount}', '77777')",
  ),
  corruption(
    /^I16: search finds prd_\w+, which is not on sale/,
    "catalog.products",
    "update products set status = 'ARCHIVED'",
  ),
  corruption(
    /^I16: search doesn't find prd_ghost/,
    "catalog.products",
    "create temp table ghost as select * from products limit 1; update ghost set id = 'prd_ghost', slug = 'ghost', external_id = null; insert into products select * from ghost",
  ),
  corruption(
    /^I16: search has prd_\w+ out of stock/,
    "inventory.stock",
    "update stock set on_hand = on_hand + 1",
  ),
  corruption(/^I16: search has prd_\w+ in stock/, "inventory.stock", "update stock set on_hand = reserved"),
  corruption(
    /^I16: shp_\w+ is IN_TRANSIT, and order believes SCHEDULED/,
    "shipping.shipments",
    "update shipments set status = 'IN_TRANSIT'",
  ),
  corruption(
    /^I16: order ord_\w+ is CONFIRMED, and its parcels are SHIPPED/,
    "shipping.shipments",
    "update shipments set status = 'SHIPPED'",
  ),
  corruption(
    /^I16: shp_\w+ is SCHEDULED, and order believes undefined/,
    "order.orders",
    inProgress("{shipments}", "[]"),
  ),
  corruption(
    /^I16: the payment of ord_\w+ is CAPTURED, and order believes NONE/,
    "order.orders",
    inProgress("{money}", '"NONE"'),
  ),
];
