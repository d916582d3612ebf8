create table orders (
    -- Version 7: ids grow with time, so the primary key serves keyset pagination as well.
    id          uuid        primary key,
    customer_id text        not null,
    reference   text        not null,
    -- Minor units of the currency (cents for EUR, yen for JPY): money never passes through a float.
    amount      bigint      not null check (amount >= 0),
    currency    text        not null check (currency ~ '^[A-Z]{3}$'),
    version     integer     not null default 1,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now()
);

-- The intelligence service reads a customer's latest orders in one currency.
create index orders_history on orders (customer_id, currency, created_at desc);

create table idempotency_keys (
    caller       text        not null,
    key          text        not null,
    -- SHA-256 of the order as it was asked for: the same key with another one is a client's error.
    request_hash bytea       not null,
    -- The first answer, as it was sent.
    response     text        not null,
    created_at   timestamptz not null default now(),
    primary key (caller, key)
);

create index idempotency_keys_age on idempotency_keys (created_at);

grant select, insert, update, delete on orders to api;
grant select, insert, delete on idempotency_keys to api;
grant select on orders to intelligence;
