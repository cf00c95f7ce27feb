package projector

// What the benchmark measures apart.
var (
	Read    = (*Projector).read
	Project = (*Projector).project
)
