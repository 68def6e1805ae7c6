//authgen:if pq

package testdb

import _ "github.com/lib/pq"

// Driver is the name of the driver.
const Driver = "postgres"
