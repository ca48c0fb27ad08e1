package delivery

// desks are goroutines that ask the store for readers: what a store needs of stack would otherwise stay with each of
// thousands of readers. A reader waits for the answer, so that nothing but the stack is another one's.
type desks struct{ work chan func() }

// deskCount is as many as a store reads at one time.
const deskCount = 4

// serve is one desk; it ends when close was called.
func (k desks) serve() {
	for f := range k.work {
		f()
	}
}

// do runs f at a desk and returns when it has run.
func (k desks) do(f func()) {
	done := make(chan struct{})
	k.work <- func() {
		defer close(done)
		f()
	}
	<-done
}

func (k desks) close() { close(k.work) }
