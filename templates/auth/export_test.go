package auth

// What the tests from outside the package need of those inside.
var (
	OpenTestDB   = openTestDB
	CreateTables = createTables
	TestKeys     = testKeys
	HashCheaply  = hashCheaply
	//authgen:if redis
	OpenTestRedis = openTestRedis
)
