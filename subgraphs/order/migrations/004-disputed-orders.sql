-- Staff's work list: few of all orders.
create index orders_disputed on orders ((progress -> 'dispute' ->> 'status'), id) where progress ? 'dispute';
