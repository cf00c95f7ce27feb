package account

import "github.com/tillproof/tillproof/domain/points"

// A Purchase is what earned points, and what returns have left of it.
type Purchase struct {
	Rule       points.Rule
	Conversion int64 // billionths; 0: unconverted
	Eligible   int64 // what it earned points from; negative for a return without its sale
	Left       int64 // after what was undone so far; beyond zero where more was undone than there was
}

// maxLeft bounds what is left: far beyond what tickets can undo, and far from overflow.
const maxLeft = int64(1) << 62

// Undo takes an amount off what is left (a returned sale undoes a negative amount) and says by how much the points
// change: by exactly what the undone part had earned, never past zero, whatever the order of several undoes.
func (p *Purchase) Undo(amount int64) (change int64, excess bool) {
	before := p.earned()
	p.Left = max(-maxLeft, min(maxLeft, p.Left+amount))
	return p.earned() - before, p.Left != p.within()
}

// within is what is left between zero and the eligible amount.
func (p *Purchase) within() int64 {
	if p.Eligible < 0 {
		return max(p.Eligible, min(0, p.Left))
	}
	return min(p.Eligible, max(0, p.Left))
}

func (p *Purchase) earned() int64 { return p.Rule.Earned(p.within(), p.Conversion) }
