package hotstate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Login is what signing in rests on: a user, the hash of the password, and who the user acts for.
type Login struct {
	Username     string
	PasswordHash string
	ChangedAt    time.Time
	Actor        Actor
}

// A RefreshToken is what the database knows of one: a session goes on with it, once.
type RefreshToken struct {
	SessionID string
	EndsAt    time.Time // of the session
	Used      bool      // it came before: somebody holds a copy
	Stale     bool      // it or its session expired, or the user was changed since the session began
	Login     Login
}

// WithSessions runs change in a transaction that may read logins and keep sessions, and do nothing else.
func WithSessions(ctx context.Context, pool *pgxpool.Pool, change func(tx pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "set local role tillproof_sessions"); err != nil {
			return fmt.Errorf("become tillproof_sessions: %w", err)
		}
		return change(tx)
	})
}

const loginColumns = `u.username, u.password_hash, u.changed_at,
	u.role, u.store_ids, coalesce(u.retailer_id, ''), coalesce(u.manufacturer_id, ''), coalesce(u.loyalty_id, '')`

func (l *Login) targets() []any {
	return []any{&l.Username, &l.PasswordHash, &l.ChangedAt,
		&l.Actor.Role, &l.Actor.StoreIDs, &l.Actor.RetailerID, &l.Actor.ManufacturerID, &l.Actor.LoyaltyID}
}

// LoginByUsername reads a user; ErrNotFound if there is none.
func LoginByUsername(ctx context.Context, db DB, username string) (Login, error) {
	var login Login
	err := db.QueryRow(ctx, `select `+loginColumns+` from book.users u where u.username = $1`, username).Scan(login.targets()...)
	if err != nil {
		return Login{}, fmt.Errorf("read a login: %w", notFound(err))
	}
	return login, nil
}

// SetPassword replaces a user's password and ends all of the user's sessions.
func SetPassword(ctx context.Context, db DB, username, passwordHash string) error {
	_, err := db.Exec(ctx, `update book.users set password_hash = $2, changed_at = now() where username = $1`, username, passwordHash)
	if err != nil {
		return fmt.Errorf("set a password: %w", err)
	}
	if _, err := db.Exec(ctx, `delete from book.sessions where username = $1`, username); err != nil {
		return fmt.Errorf("end a user's sessions: %w", err)
	}
	return nil
}

// BeginSession opens a session that ends after lifetime, and clears away some that ended.
func BeginSession(ctx context.Context, db DB, sessionID, username string, lifetime time.Duration) error {
	_, err := db.Exec(ctx, `
		with ended as (
			select session_id from book.sessions where ends_at < now() order by ends_at limit 100
		), cleared as (
			delete from book.sessions s using ended where s.session_id = ended.session_id
		)
		insert into book.sessions (session_id, username, ends_at) values ($1, $2, now() + $3)`, sessionID, username, lifetime)
	if err != nil {
		return fmt.Errorf("begin a session: %w", err)
	}
	return nil
}

// EndSession ends a session; its refresh tokens go with it.
func EndSession(ctx context.Context, db DB, sessionID string) error {
	if _, err := db.Exec(ctx, `delete from book.sessions where session_id = $1`, sessionID); err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}

// AddRefreshToken gives a session its next refresh token, by the token's hash.
func AddRefreshToken(ctx context.Context, db DB, sessionID string, hash []byte, lifetime time.Duration) error {
	_, err := db.Exec(ctx, `
		insert into book.refresh_tokens (token_hash, session_id, expires_at) values ($1, $2, now() + $3)`, hash, sessionID, lifetime)
	if err != nil {
		return fmt.Errorf("add a refresh token: %w", err)
	}
	return nil
}

// RefreshTokenByHash reads a refresh token and locks it, so that of two who bring it at once one comes second.
func RefreshTokenByHash(ctx context.Context, tx pgx.Tx, hash []byte) (RefreshToken, error) {
	var token RefreshToken
	err := tx.QueryRow(ctx, `
		select s.session_id::text, s.ends_at, r.used_at is not null,
		       r.expires_at <= now() or s.ends_at <= now() or u.changed_at > s.began_at, `+loginColumns+`
		from book.refresh_tokens r
		join book.sessions s using (session_id)
		join book.users u using (username)
		where r.token_hash = $1
		for update of r`, hash).
		Scan(append([]any{&token.SessionID, &token.EndsAt, &token.Used, &token.Stale}, token.Login.targets()...)...)
	if err != nil {
		return RefreshToken{}, fmt.Errorf("read a refresh token: %w", notFound(err))
	}
	return token, nil
}

// UseRefreshToken marks a refresh token as used. It is kept, to be known again.
func UseRefreshToken(ctx context.Context, db DB, hash []byte) error {
	if _, err := db.Exec(ctx, `update book.refresh_tokens set used_at = now() where token_hash = $1`, hash); err != nil {
		return fmt.Errorf("use a refresh token: %w", err)
	}
	return nil
}
