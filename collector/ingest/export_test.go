package ingest

// CoalescerWriters is exported to hold all of them back.
const CoalescerWriters = coalescerWriters

// Waiting says how many requests wait for a writer.
func (c *Coalescer) Waiting() int { return len(c.waiting) }

// PauseWith replaces the pause in which others may join a group, before the coalescer runs.
func (c *Coalescer) PauseWith(pause func()) { c.pause = pause }
