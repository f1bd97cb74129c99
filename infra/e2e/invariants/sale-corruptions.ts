import { corruption, inDetails, type Corruption } from "./corruption.ts";

/** What goes wrong in the books of the sale of `small-sale.ts`. */
export const saleCorruptions: Corruption[] = [
  corruption(
    /^I1: 1 units of \S+ in \w+ are of flash sales, whose units say 0/,
    "inventory.stock",
    "update stock set flash = flash + 1 where on_hand > reserved + flash",
  ),
  corruption(
    /^I1: 0 units of \S+ in RNO are of flash sales, whose units say 2/,
    "inventory.flash_units",
    "update flash_units set status = 'SET_ASIDE'",
  ),
  corruption(
    /^I12: ticket 103 of sale \w+ got a unit before 5, which still waited/,
    "inventory.flash_tickets",
    "update flash_tickets set number = 103 where number = 3",
  ),
  corruption(
    /^I12: contested unit 1 of sale \w+ went to STANDARD, against 1 : 1/,
    "inventory.flash_tickets",
    "update flash_tickets set line = 'STANDARD'",
  ),
  corruption(
    /^I12: ticket 4 of sale \w+ counts not as contested, and both lines waited/,
    "inventory.flash_tickets",
    "update flash_tickets set was_contested = false",
  ),
  corruption(
    /^I12: the grants of sale \w+ are not counted without a gap: 9 is number 4/,
    "inventory.flash_tickets",
    "update flash_tickets set grant_number = 9 where grant_number = 4",
  ),
  corruption(
    /^I12: sale \w+ has given 1 units more than it has/,
    "inventory.flash_tickets",
    "update flash_tickets set ended_at = now() where status = 'LEFT'",
  ),
  corruption(
    /^I12: 1 units of sale \w+ lay idle while 3 tickets waited/,
    "inventory.flash_tickets",
    "update flash_tickets set ended_at = ended_at - interval '1 minute' where number = 1",
  ),
  corruption(
    /^I12: usr_x bought 2 units of sale \w+, of 1 at most/,
    "inventory.flash_tickets",
    "update flash_tickets set customer_id = 'usr_x' where status = 'BOUGHT'",
  ),
  corruption(
    /^I12: sale \w+ counts 1 units sold, and there are 2/,
    "inventory.flash_sales",
    "update flash_sales set units_sold = 1",
  ),
  corruption(
    /^I12: sale \w+ counts 0 waiting tickets, and there are 1/,
    "inventory.flash_tickets",
    "update flash_tickets set status = 'WAITING', ended_at = null where status = 'SOLD_OUT'",
  ),
  corruption(
    /^I12: unit \d of sale \w+ is not ticket 4's, which has it/,
    "inventory.flash_units",
    "update flash_units set ticket_id = null",
  ),
  corruption(
    /^I12: ticket 4 of sale \w+ holds a unit for ord_\w+, which is CONFIRMED/,
    "inventory.flash_tickets",
    "update flash_tickets set status = 'HOLDING', ended_at = null where status = 'BOUGHT'",
  ),
  corruption(
    /^I12: ticket 4 of sale \w+ is BOUGHT, and has no end/,
    "inventory.flash_tickets",
    "update flash_tickets set ended_at = null where status = 'BOUGHT'",
  ),
  corruption(
    /^I12: ticket 1 of sale \w+ is SOLD_OUT, and has got a unit/,
    "inventory.flash_tickets",
    "update flash_tickets set status = 'SOLD_OUT' where status = 'LEFT'",
  ),
  corruption(
    /^I12: ticket 4 of sale \w+ is BOUGHT, and order ord_\w+ is CANCELLED/,
    "order.orders",
    "update orders set status = 'CANCELLED'",
  ),
  corruption(
    /^I12: order ord_\w+ of ticket 4 .*for one unit at 777/,
    "order.orders",
    inDetails("{lines,0,unitPrice,amount}", "1"),
  ),
];
