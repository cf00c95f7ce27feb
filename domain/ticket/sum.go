package ticket

import "math/big"

// sum adds amounts of up to 53 bits and never overflows: 5,000 lines of them
// can need 66 bits, so each half of 32 bits is added up on its own.
type sum struct {
	high, low int64 // the value is high × 2^32 + low
}

func (s *sum) add(amount int64) {
	s.high += amount >> 32
	s.low += amount & (1<<32 - 1)
}

func (s sum) is(value int64) bool {
	return s.high+s.low>>32 == value>>32 && s.low&(1<<32-1) == value&(1<<32-1)
}

func (s sum) String() string {
	value := new(big.Int).Lsh(big.NewInt(s.high), 32)
	return value.Add(value, big.NewInt(s.low)).String()
}
