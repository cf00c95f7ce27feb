package hotstate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// ByKey begins a transaction whose statements look rows up by key, in tables that grow by thousands of rows a minute or are
// large one moment and empty the next. A statement's plan is kept, and may be from when the table was empty: then it reads
// the whole table, for each row that it looks for. So reading whole tables is ruled out.
var ByKey = pgx.TxOptions{BeginQuery: "begin; set local enable_seqscan = off"}

// byOneIndex says the same for statements that leave the planner no choice but one index. Their plans are kept from the
// first time on: to choose anew takes longer than to look up.
const byOneIndex = "select set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)"

// BeginWith begins a transaction of such statements in one message with the first ones, which queue adds. For who waits for
// a commit, each message more is a wait. What does not end with CommitWith ends with Rollback.
func BeginWith(ctx context.Context, conn *pgx.Conn, queue func(*pgx.Batch)) error {
	var batch pgx.Batch
	batch.Queue("begin")
	batch.Queue(byOneIndex)
	queue(&batch)
	return conn.SendBatch(ctx, &batch).Close()
}

// CommitWith commits in one message with the transaction's last statements, which queue adds. If one of them fails, all of
// it does.
func CommitWith(ctx context.Context, conn *pgx.Conn, queue func(*pgx.Batch)) error {
	var batch pgx.Batch
	queue(&batch)
	batch.Queue("commit")
	if err := conn.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Rollback ends a transaction that has not been committed. A connection that does not do it is closed by its pool.
func Rollback(ctx context.Context, conn *pgx.Conn) {
	const idle = 'I'
	if conn.PgConn().TxStatus() != idle {
		_, _ = conn.Exec(ctx, "rollback")
	}
}
