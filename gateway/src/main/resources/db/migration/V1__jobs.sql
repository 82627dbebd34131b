-- State of the platform. Only the gateway writes it.

create table jobs (
    id              uuid primary key,
    -- Order of submission; pages of the listing go by it.
    number          bigserial   not null unique,
    name            text        not null,
    state           text        not null check (state in ('SUBMITTED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    stage           text        not null check (stage in ('INTAKE', 'CALIBRATE', 'QUANTIZE', 'ASSEMBLE', 'EVALUATE', 'PUBLISH')),
    request         jsonb       not null,
    idempotency_key text unique,
    created_at      timestamptz not null,
    started_at      timestamptz,
    finished_at     timestamptz,
    -- Why it failed: dev.quipforge.gateway.job.JobFailure.
    failure         jsonb
);

create table tasks (
    id       uuid primary key,
    job      uuid             not null references jobs on delete cascade,
    -- Place in the plan of the job.
    position integer          not null,
    key      text             not null,
    stage    text             not null check (stage in ('INTAKE', 'CALIBRATE', 'QUANTIZE', 'ASSEMBLE', 'EVALUATE', 'PUBLISH')),
    type     text             not null,
    label    text             not null,
    weight   double precision not null,
    state    text             not null check (state in ('WAITING', 'QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    -- The attempt in force; 0 while the task waits for others.
    attempt  integer          not null default 0,
    fraction double precision not null default 0,
    detail   text,
    -- The command, once the task is queued, and the result, once it succeeded, as on the wire.
    command  jsonb,
    result   jsonb,
    unique (job, key)
);

create index tasks_open on tasks (state) where state in ('QUEUED', 'RUNNING');

create table attempts (
    task          uuid        not null references tasks on delete cascade,
    number        integer     not null,
    queue         text        not null,
    queued_at     timestamptz not null,
    worker        text,
    started_at    timestamptz,
    last_event_at timestamptz,
    finished_at   timestamptz,
    -- Time the worker spent, by its own count.
    seconds       double precision,
    failure       jsonb,
    primary key (task, number)
);

create index attempts_started on attempts (queue, started_at);

-- What happened, in order. All events of a job are written under the lock of its row, so within a job the sequence is
-- the order of commit, and a reader that has seen a number misses none below it.
create table events (
    sequence bigserial primary key,
    job      uuid        not null references jobs on delete cascade,
    type     text        not null check (type in ('job', 'task', 'progress')),
    at       timestamptz not null,
    data     jsonb       not null
);

create index events_of_job on events (job, sequence);

-- Messages on their way to Kafka, written with the state they follow from.
create table outbox (
    sequence bigserial primary key,
    job      uuid        not null,
    topic    text        not null,
    key      text        not null,
    payload  text        not null,
    due_at   timestamptz not null,
    sent_at  timestamptz
);

create index outbox_unsent on outbox (sequence) where sent_at is null;

-- The models the platform knows: imported originals and published checkpoints.
create table models (
    prefix     text primary key,
    kind       text        not null check (kind in ('ORIGINAL', 'QUANTIZED')),
    name       text        not null,
    digest     text        not null,
    parameters bigint      not null,
    bytes      bigint      not null,
    -- The first job that brought it.
    job        uuid        not null references jobs,
    created_at timestamptz not null
);
