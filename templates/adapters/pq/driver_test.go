//authgen:if pq

package auth

import _ "github.com/lib/pq"

// testDriver is the name of the driver.
const testDriver = "postgres"
