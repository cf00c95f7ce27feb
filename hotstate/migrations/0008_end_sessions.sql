-- +goose Up
-- Who changes a user ends that user's sessions, with their refresh tokens.
grant select (username), delete on book.sessions to tillproof_collector;

-- +goose Down
revoke select (username), delete on book.sessions from tillproof_collector;
