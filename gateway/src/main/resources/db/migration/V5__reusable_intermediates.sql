-- How long artifacts outlive their last job: PASSING ones serve a job while it runs, with REUSABLE ones another can begin.
alter table intermediates add column kind text not null default 'PASSING' check (kind in ('PASSING', 'REUSABLE'));
alter table intermediates alter column kind drop default;

-- What earlier jobs left.
insert into intermediates (prefix, job, kind)
select distinct regexp_replace(command ->> 'output', '^(.*/shards)/[^/]+$', '\1'), job, 'PASSING' from tasks
where type = 'CalibrateShard' and command is not null
on conflict do nothing;

insert into intermediates (prefix, job, kind)
select distinct command ->> 'output', job, 'REUSABLE' from tasks
where type = 'ReduceHessians' and command is not null
on conflict do nothing;

insert into intermediates (prefix, job, kind)
select distinct regexp_replace(command ->> 'output', '^([^/]+/[^/]+)/.*$', '\1'), job, 'REUSABLE' from tasks
where type in ('GenerateWindows', 'JoinWindows', 'QuantizeGroup', 'TuneBlock', 'TuneModel') and command is not null
on conflict do nothing;
