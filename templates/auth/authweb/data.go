//authgen:class yours

package authweb

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/authgen/authgen/templates/auth"
)

// Data is the application's own data access layer. Each of its methods takes a
// Principal, first checks that the principal may have the data, and returns a DTO
// that holds only what this viewer may see.
type Data struct {
	DB *sql.DB
}

// Team is what a user may know about the users who have the same role.
type Team struct {
	Role auth.Role `json:"role"`
	Size int       `json:"size"`
}

const countTeam = "SELECT COUNT(*) FROM auth_users WHERE role = ?" //authgen:value count_role

// Team returns the principal's team.
func (d Data) Team(ctx context.Context, p auth.Principal) (Team, error) {
	if err := p.Require(); err != nil {
		return Team{}, err
	}
	team := Team{Role: p.Role()}
	if err := d.DB.QueryRowContext(ctx, countTeam, p.Role()).Scan(&team.Size); err != nil {
		return Team{}, fmt.Errorf("count the team: %w", err)
	}
	return team, nil
}
