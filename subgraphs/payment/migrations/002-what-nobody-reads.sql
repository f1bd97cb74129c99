-- Written and never read. An instance of the release before that still writes them while this one starts is refused, and
-- its webhook or task comes again: to this one.
drop table refunds;
alter table provider_events drop column type, drop column intent_id;
