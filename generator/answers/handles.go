package answers

import "cmp"

// A Handle is a type through which programs reach a database: that of database/sql, of
// an ORM, or of a pool.
type Handle struct {
	Name    string   // what the library is called in a sentence
	Import  string   // path of the package, without the element of a later major version
	Package string   // that package's name
	Types   []string // its types for a database
	Opens   []string // its functions that return one, alone or with an error
	Also    []string // paths of other packages with functions of these names that do, too

	// The following are Go code. {h} stands for the handle.

	DB      string // the *sql.DB; empty if it cannot be had
	Since   string // the oldest version of the driver's module that has what DB calls
	Before  string // DB for older versions, where the *sql.DB has connections of its own
	Fails   bool   // whether DB also returns an error
	Imports string // path of a package that DB names

	// Instead says what to do if only code that the library generates has the handle.
	Instead string

	// Model is how the library knows which structs stand for tables; zero if it does not.
	Model Model
}

// A Model is how an ORM knows which structs stand for tables, and how it names those.
type Model struct {
	Import    string // path of the package that has Base; by default, that of the Handle
	Base      string // type that such a struct embeds
	Tag       string // key of the tags of its fields
	NameFirst bool   // whether a tag begins with the name of the column
	Separator string // what is between the settings of a tag
	Int       string // the kind of value, as in [ColumnTypes], that an int is; "int64" if it is empty
	UUID      string // the kind of value that a UUID is; "uuid" if it is empty
	Relates   bool   // whether a field of the type of another struct is a relation, and no column
	Annotates string // method that has the name of the table among its results
	Fields    string // method that returns the columns, each made by a function of the package FieldsOf
	FieldsOf  string
	Plural    bool // whether tables have the plural of the struct's name
}

// Models returns how the ORMs know which structs stand for tables.
func Models() []Model {
	var models []Model
	for _, h := range Handles {
		if h.Model == (Model{}) {
			continue
		}
		h.Model.Import = cmp.Or(h.Model.Import, h.Import)
		models = append(models, h.Model)
	}
	return models
}

// SQL is the path of the package for databases of the standard library.
const SQL = "database/sql"

// Handles are the handles that authgen knows, the standard one first.
var Handles = []Handle{
	{
		Name: "database/sql", Import: SQL, Package: "sql", Types: []string{"DB"}, Opens: []string{"Open", "OpenDB"}, DB: "{h}",
		Also: []string{
			"github.com/XSAM/otelsql",
			"github.com/uptrace/opentelemetry-go-extra/otelsql",
			"gopkg.in/DataDog/dd-trace-go.v1/contrib/database/sql",
			"github.com/DataDog/dd-trace-go/contrib/database/sql",
			"go.elastic.co/apm/module/apmsql",
			"github.com/signalfx/splunk-otel-go/instrumentation/database/sql/splunksql",
		},
	},
	{
		Name: "pgxpool", Import: "github.com/jackc/pgx/v5/pgxpool", Package: "pgxpool", Types: []string{"Pool"},
		Opens: []string{"New", "NewWithConfig"}, DB: "stdlib.OpenDBFromPool({h})", Imports: "github.com/jackc/pgx/v5/stdlib",
		Since: "v5.5.0", Before: "stdlib.OpenDB(*{h}.Config().ConnConfig)",
	},
	{
		Name: "pgx", Import: "github.com/jackc/pgx/v5", Package: "pgx", Types: []string{"Conn"},
		Opens: []string{"Connect", "ConnectConfig"}, DB: "stdlib.OpenDB(*{h}.Config())", Imports: "github.com/jackc/pgx/v5/stdlib",
	},
	{Name: "ozzo-dbx", Import: "github.com/go-ozzo/ozzo-dbx", Package: "dbx", Types: []string{"DB"}, Opens: []string{"Open", "MustOpen"}, DB: "{h}.DB()"},
	{
		Name: "sqlx", Import: "github.com/jmoiron/sqlx", Package: "sqlx", Types: []string{"DB"},
		Opens: []string{"Open", "Connect", "ConnectContext", "MustOpen", "MustConnect", "NewDb"}, DB: "{h}.DB",
	},
	{Name: "GORM", Import: "gorm.io/gorm", Package: "gorm", Types: []string{"DB"}, Opens: []string{"Open"}, DB: "{h}.DB()", Fails: true, Model: Model{Base: "Model", Tag: "gorm", Separator: ";", UUID: "string", Relates: true, Plural: true}},
	{Name: "GORM", Import: "github.com/jinzhu/gorm", Package: "gorm", Types: []string{"DB"}, Opens: []string{"Open"}, DB: "{h}.DB()", Model: Model{Base: "Model", Tag: "gorm", Separator: ";", UUID: "string", Relates: true, Plural: true}},
	{
		Name: "ent", Import: "entgo.io/ent/dialect/sql", Package: "sql", Types: []string{"Driver"}, Opens: []string{"Open", "OpenDB"}, DB: "{h}.DB()",
		Instead: "the client keeps it; open it with Open of entgo.io/ent/dialect/sql, and give it to NewClient with the option Driver",
		Model:   Model{Import: "entgo.io/ent", Base: "Schema", Annotates: "Annotations", Fields: "Fields", FieldsOf: "entgo.io/ent/schema/field", Plural: true},
	},
	{Name: "bun", Import: "github.com/uptrace/bun", Package: "bun", Types: []string{"DB"}, Opens: []string{"NewDB"}, DB: "{h}.DB", Model: Model{Base: "BaseModel", Tag: "bun", NameFirst: true, Separator: ",", Plural: true}},
	{Name: "xorm", Import: "xorm.io/xorm", Package: "xorm", Types: []string{"Engine"}, Opens: []string{"NewEngine"}, DB: "{h}.DB().DB", Model: Model{Tag: "xorm", Separator: " ", Int: "int32"}},
	{Name: "xorm", Import: "github.com/go-xorm/xorm", Package: "xorm", Types: []string{"Engine"}, Opens: []string{"NewEngine"}, DB: "{h}.DB().DB", Model: Model{Tag: "xorm", Separator: " ", Int: "int32"}},
	{Name: "go-pg", Import: "github.com/go-pg/pg", Package: "pg", Types: []string{"DB"}, Opens: []string{"Connect"}, Model: Model{Tag: "pg", NameFirst: true, Separator: ",", Plural: true}},
}

// Opening are the functions of any package that open a database, or register a driver,
// and are given the name of a database or a driver as a string.
var Opening = []string{
	"Open", "OpenDB", "OpenWithDriver", "Connect", "ConnectContext", "MustOpen", "MustConnect",
	"NewEngine", "NewEngineGroup", "Register", "RegisterWithSource", "SetDialect",
}

// An Other is something that a program may use and that authgen has no code for: a
// router, a database or an ORM.
type Other struct {
	Name   string // what it is called in a sentence
	Import string // path; packages below it, and later major versions, count as well
	Apart  bool   // of a router: it does not serve handlers of net/http, nor is it one
}

// OtherDatabases are databases that emitted code cannot use.
var OtherDatabases = []Other{
	{Name: "bbolt", Import: "go.etcd.io/bbolt"},
	{Name: "bolt", Import: "github.com/boltdb/bolt"},
	{Name: "storm", Import: "github.com/asdine/storm"},
	{Name: "bolthold", Import: "github.com/timshannon/bolthold"},
	{Name: "Badger", Import: "github.com/dgraph-io/badger"},
	{Name: "badgerhold", Import: "github.com/timshannon/badgerhold"},
	{Name: "BuntDB", Import: "github.com/tidwall/buntdb"},
	{Name: "LevelDB", Import: "github.com/syndtr/goleveldb"},
	{Name: "Pebble", Import: "github.com/cockroachdb/pebble"},
	{Name: "MongoDB", Import: "go.mongodb.org/mongo-driver"},
	{Name: "MongoDB", Import: "gopkg.in/mgo.v2"},
	{Name: "MongoDB", Import: "github.com/globalsign/mgo"},
	{Name: "DynamoDB", Import: "github.com/aws/aws-sdk-go-v2/service/dynamodb"},
	{Name: "DynamoDB", Import: "github.com/aws/aws-sdk-go/service/dynamodb"},
	{Name: "DynamoDB", Import: "github.com/guregu/dynamo"},
	{Name: "Cassandra", Import: "github.com/gocql/gocql"},
	{Name: "Cassandra", Import: "github.com/apache/cassandra-gocql-driver"},
	{Name: "Cassandra", Import: "github.com/scylladb/gocqlx"},
	{Name: "Firestore", Import: "cloud.google.com/go/firestore"},
	{Name: "Datastore", Import: "cloud.google.com/go/datastore"},
	{Name: "Spanner", Import: "cloud.google.com/go/spanner"},
	{Name: "Couchbase", Import: "github.com/couchbase/gocb"},
	{Name: "CouchDB", Import: "github.com/go-kivik/kivik"},
	{Name: "Neo4j", Import: "github.com/neo4j/neo4j-go-driver"},
	{Name: "RethinkDB", Import: "gopkg.in/rethinkdb/rethinkdb-go.v6"},
	{Name: "libSQL", Import: "github.com/tursodatabase/libsql-client-go"},
	{Name: "libSQL", Import: "github.com/tursodatabase/go-libsql"},
	{Name: "SQL Server", Import: "github.com/microsoft/go-mssqldb"},
	{Name: "SQL Server", Import: "github.com/denisenkom/go-mssqldb"},
	{Name: "SQL Server", Import: "gorm.io/driver/sqlserver"},
	{Name: "SQL Server", Import: "github.com/uptrace/bun/dialect/mssqldialect"},
	{Name: "Oracle", Import: "github.com/godror/godror"},
	{Name: "Oracle", Import: "github.com/sijms/go-ora"},
	{Name: "ClickHouse", Import: "github.com/ClickHouse/clickhouse-go"},
	{Name: "ClickHouse", Import: "gorm.io/driver/clickhouse"},
	{Name: "DuckDB", Import: "github.com/marcboeker/go-duckdb"},
	{Name: "PocketBase", Import: "github.com/pocketbase/pocketbase"},
}

// OtherORMs are libraries for databases in SQL that do not tell which one it is.
var OtherORMs = []Other{
	{Name: "pop", Import: "github.com/gobuffalo/pop"},
	{Name: "pop", Import: "github.com/ory/pop"},
	{Name: "gorp", Import: "github.com/go-gorp/gorp"},
	{Name: "beego's ORM", Import: "github.com/beego/beego/v2/client/orm"},
	{Name: "upper/db", Import: "github.com/upper/db"},
	{Name: "SQLBoiler", Import: "github.com/volatiletech/sqlboiler"},
	{Name: "SQLBoiler", Import: "github.com/aarondl/sqlboiler"},
	{Name: "dbr", Import: "github.com/gocraft/dbr"},
	{Name: "rel", Import: "github.com/go-rel/rel"},
}
