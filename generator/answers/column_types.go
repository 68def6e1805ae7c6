package answers

// ColumnTypes are what a database does with the types of columns that the source of an
// application has.
type ColumnTypes struct {
	Models      map[string]string // types that ORMs choose for a kind of value, such as bool, int64, uuid or time
	Serials     map[string]string // types that stand for others, whose values the database counts up
	RowID       string            // a primary key of this type is counted up as well
	Numbers     bool              // numbers are true or false: there is no other type for that
	Loose       bool              // sizes do not count, and no type is for times: texts are times
	LowersNames bool              // names that are not in quotes are in lower case
	FoldsCase   bool              // texts that differ only in case are equal, unless the collation tells them apart
}
