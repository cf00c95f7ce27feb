-- +goose Up
-- Signed-in sessions. An access token lasts 15 minutes and is kept nowhere; a refresh token is good for one use, and its
-- use gives the next. A used one that comes again was stolen, or its successor was: the whole session ends.

create table book.sessions (
    session_id uuid primary key,
    username   text not null references book.users on delete cascade,
    began_at   timestamptz not null default now(),
    ends_at    timestamptz not null      -- however often it is refreshed
);
create index sessions_by_user on book.sessions (username);
create index sessions_by_end on book.sessions (ends_at);

create table book.refresh_tokens (
    token_hash bytea primary key check (length(token_hash) = 32),    -- SHA-256 of 256 random bits
    session_id uuid not null references book.sessions on delete cascade,
    expires_at timestamptz not null,
    used_at    timestamptz
);
create index refresh_tokens_by_session on book.refresh_tokens (session_id);

grant select, insert, delete on book.sessions to tillproof_sessions;
grant select, insert, update (used_at) on book.refresh_tokens to tillproof_sessions;
grant update (password_hash, changed_at) on book.users to tillproof_sessions;

-- +goose Down
revoke update (password_hash, changed_at) on book.users from tillproof_sessions;
drop table book.refresh_tokens, book.sessions;
