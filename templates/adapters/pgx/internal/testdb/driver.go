//authgen:if pgx

package testdb

import _ "github.com/jackc/pgx/v5/stdlib"

// Driver is the name of the driver.
const Driver = "pgx"
