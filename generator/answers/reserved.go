package answers

import (
	"slices"
	"strings"
)

// importedNames are names of packages that the emitted code, or a test beside
// it, may import. A package of such a name would force every user of both to
// rename one.
var importedNames = append(packageNames(), strings.Fields(`
	aes argon2 atomic base32 base64 bcrypt big binary bufio bytes
	cipher cmp context cookiejar crypto debug driver ecdh embed errors
	flag fmt fs hash hex hkdf hmac html http httptest io
	iter json log mail maps math mime multipart net netip os path pbkdf2
	rand reflect regexp runtime scrypt sha1 sha256 sha512 signal
	slices slog smtp sort sql strconv strings subtle sync
	synctest tabwriter template testing textproto time unicode url utf8`)...)

// besideAuth names the packages beside one with the usual name, which another package
// of the module is likely to have.
var besideAuth = Answers{PackageName: packageNameOf(Default().Package)}

// ReservedNames returns names that have a meaning to emitted code or to a database:
// some cannot be given at all, others not to everything.
func ReservedNames() []string { return slices.Concat(importedNames, reservedFields, sqlWords) }

// reservedFields are names that the users table, the user's JSON or a request
// body has already, and SQLite's names for the row id.
var reservedFields = strings.Fields(`
	fields id user user_id email email_verified email_verified_at role created_at updated_at
	password password_hash token remember current new disabled disabled_at
	session session_id session_version permissions principal failures
	failed_logins locked_until last_seen rowid oid`)

// sqlWords are reserved in at least one of SQLite, PostgreSQL, MySQL and MariaDB, so
// that a column of that name would have to be quoted everywhere. They are refused
// for all of them: the database may be another one some day.
var sqlWords = strings.Fields(`
	accessible add all alter analyse analyze and any array as asc asensitive
	asymmetric authorization autoincrement before between bigint binary blob both by
	call cascade case cast change char character check collate collation column
	commit concurrently condition constraint continue convert create cross cube
	cume_dist current_catalog current_date current_role current_schema current_time
	current_timestamp current_user cursor database databases day_hour
	day_microsecond day_minute day_second dec decimal declare default deferrable
	delayed delete delete_domain_id dense_rank desc describe deterministic distinct
	distinctrow div do do_domain_ids double drop dual each else elseif empty
	enclosed end escape escaped except exists exit explain external false fetch
	first_value float float4 float8 for force foreign freeze from full fulltext
	function generated get grant group grouping groups having high_priority
	hour_microsecond hour_minute hour_second if ignore ignore_domain_ids ilike in
	index infile initially inner inout insensitive insert int int1 int2 int3 int4
	int8 integer intersect interval into io_after_gtids io_before_gtids is isnull
	iterate join json_table key keys kill lag last_value lateral lead leading leave
	left library like limit linear lines load localtime localtimestamp lock long
	longblob longtext loop low_priority manual master_bind master_demote_to_replica
	master_demote_to_slave master_ssl_verify_server_cert match maxvalue mediumblob
	mediumint mediumtext middleint minute_microsecond minute_second mod modifies
	natural no_write_to_binlog not nothing notnull nth_value ntile null numeric of
	offset on only optimize optimizer_costs option optionally or order out outer
	outfile over overlaps page_checksum parallel parse_vcol_expr partition
	percent_rank placing portion precision primary procedure purge qualify raise
	range rank read read_write reads real recursive ref_system_id references regexp
	release rename repeat replace require resignal restrict return returning revoke
	right rlike row row_number rows schema schemas second_microsecond select
	sensitive separator session_user set sets show signal similar smallint some
	spatial specific sql sql_big_result sql_calc_found_rows sql_small_result
	sqlexception sqlstate sqlwarning ssl starting stats_auto_recalc stats_persistent
	stats_sample_pages stored straight_join symmetric system table tablesample
	terminated then tinyblob tinyint tinytext to trailing transaction trigger true
	undo union unique unlock unsigned update usage use user using utc_date utc_time
	utc_timestamp values varbinary varchar varcharacter variadic varying verbose
	virtual when where while window with write xor year_month zerofill`)
