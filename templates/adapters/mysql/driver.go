//authgen:if mysql

package auth

import (
	"database/sql/driver"
	"errors"
	"net"

	"github.com/go-sql-driver/mysql"
)

// What is particular to the driver github.com/go-sql-driver/mysql. Open the
// database so that times are read as such, and in UTC, which is what loc says
// unless it is given:
//
//	sql.Open("mysql", "user:password@tcp(127.0.0.1:3306)/app?parseTime=true")
//
// Give connections a life shorter than the server and what is between do, with
// db.SetConnMaxLifetime, and fewer of them than the server has, with
// db.SetMaxOpenConns. An application that needs its own times in another zone
// opens a second *sql.DB for this package.

// errorNumber returns the number of an error of the server that an error carries,
// 0 if it is none of the server's.
func errorNumber(err error) uint16 {
	var reported *mysql.MySQLError
	if errors.As(err, &reported) {
		return reported.Number
	}
	return 0
}

// isConnectionError reports whether the server could not be reached, or went away.
func isConnectionError(err error) bool {
	var network net.Error
	return errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, driver.ErrBadConn) || errors.As(err, &network)
}
