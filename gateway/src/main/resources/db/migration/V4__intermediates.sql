-- What only serves jobs while they run, by the prefix of its keys in the artifact store, and the jobs that it serves.
create table intermediates (
    prefix text not null,
    job    uuid not null references jobs on delete cascade,
    primary key (prefix, job)
);

-- What earlier jobs left.
insert into intermediates (prefix, job)
select distinct command ->> 'output', job from tasks
where type = 'CaptureActivations' and command is not null;

insert into intermediates (prefix, job)
select distinct regexp_replace(command ->> 'output', '^(tuned/[^/]+)/.*$', 'trainings/\1'), job from tasks
where type in ('TuneBlock', 'TuneModel') and command is not null;
