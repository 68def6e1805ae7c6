package plan

import (
	"testing"

	"github.com/authgen/authgen/generator/emit"
)

// Every situation has a decision for every class.
func TestDecisionTables(t *testing.T) {
	check := func(name string, table map[situation]decisions, situations ...situation) {
		t.Helper()
		if len(table) != len(situations) {
			t.Errorf("%s has %d rows, want %d", name, len(table), len(situations))
		}
		for _, situation := range situations {
			for _, class := range []emit.Class{emit.Generated, emit.Yours, emit.Once, emit.Migration} {
				if table[situation].of(class) == nil {
					t.Errorf("%s decides nothing about situation %d of class %s", name, situation, class)
				}
			}
		}
	}
	var all []situation
	for s := irregular; s <= diverged; s++ {
		all = append(all, s)
	}
	check("emittedTable", emittedTable, all...)
	check("goneTable", goneTable, irregular, missing, unedited, discarded, edited)
}
