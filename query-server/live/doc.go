// Package live tells listeners of sales as they are recorded.
//
// One goroutine watches the view's checkpoint, for all listeners of the server. When it moves, one query finds the cells
// (product, store, day) that the new blocks' lines fall into, keys without sums. Then each distinct actor among the
// listeners whom some of them concern is served by one query of its own, in the database role of that actor: what is shown
// rests on row-level security, and not on the sorting before it. Listeners of one actor share the answer.
//
// An event tells the sums as they are now, not what was added: to hear of a cell twice does no harm. Its id is the block
// up to which everything was told, so a listener that was away asks for what changed since.
//
// What a listener missed is read once for all that come back with the same actor and block. Who does not keep up is let go:
// what waits for listeners is bounded, in events and in bytes.
//
// Watching is polling, four times a second and one row: it works on a read replica too, where LISTEN does not.
package live
