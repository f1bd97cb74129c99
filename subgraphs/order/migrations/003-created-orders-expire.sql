-- Orders that were waiting for their stock had no end; by the usual 15 minutes they have one.
update orders set expires_at = created_at + interval '15 minutes',
  due_at = least(due_at, created_at + interval '15 minutes')
where status = 'CREATED' and expires_at is null;
