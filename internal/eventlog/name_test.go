package eventlog

import (
	"strings"
	"testing"
)

func TestNamesOfReadersHaveOneForm(t *testing.T) {
	for _, name := range []string{CallbackReader, EndpointPrefix + "audit-2", RedeliveryPrefix + "17", strings.Repeat("a", MaxReaderName)} {
		if !IsReaderName(name) {
			t.Errorf("%q is no name of a reader", name)
		}
	}
	for _, name := range []string{"", "Callback", "a b", "a_b", "a.b", "é", "a\x00", strings.Repeat("a", MaxReaderName+1)} {
		if IsReaderName(name) {
			t.Errorf("%q is a name of a reader", name)
		}
	}
	if !IsRedelivery("redelivery-1") || IsRedelivery("callback") || IsRedelivery("endpoint-redelivery-1") {
		t.Error("redeliveries are not known by their names")
	}
}
