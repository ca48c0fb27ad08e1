package policy

import "testing"

func BenchmarkClassify(b *testing.B) {
	a := Answer{Status: 200, Body: []byte(`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`)}
	b.ReportAllocs()
	for b.Loop() {
		Classify(a, false)
	}
}
