package bench

// row is a callback of the log; the zero value was never seen.
type row struct {
	sum  uint64 // over its numbers and its body
	prev int64
}

// rows are the callbacks of one log by their numbers, in pieces, so that millions of them take 16 bytes each and none is
// copied when there are more.
type rows struct{ pieces []*[rowPiece]row }

// rowPiece is small, because ten thousand logs may have a handful each.
const rowPiece = 64

// at returns the row of a number, which is 0 or more.
func (r *rows) at(seq int64) *row {
	i := int(seq / rowPiece)
	for len(r.pieces) <= i {
		r.pieces = append(r.pieces, nil)
	}
	if r.pieces[i] == nil {
		r.pieces[i] = new([rowPiece]row)
	}
	return &r.pieces[i][seq%rowPiece]
}

// seen calls yield with every row that was seen, in the order of numbers.
func (r *rows) seen(yield func(row) bool) {
	for _, piece := range r.pieces {
		if piece == nil {
			continue
		}
		for i := range piece {
			if piece[i].sum != 0 && !yield(piece[i]) {
				return
			}
		}
	}
}
