// Written by authgen. Yours to edit; "authgen upgrade" merges.

package authweb

import (
	"context"
	"database/sql"
	"fmt"

	"example.com/chi-postgres/internal/auth"
)

// Data is the application's own data access layer. Like the method below, each of
// its methods takes a Principal, starts with the condition under which the
// principal may have the data, and returns a DTO, which holds what this viewer may
// see and nothing else.
type Data struct {
	DB *sql.DB
}

// Team is what a user may know of those who have the same role.
type Team struct {
	Role auth.Role `json:"role"`
	Size int       `json:"size"`
}

const countTeam = "SELECT COUNT(*) FROM auth_users WHERE role = $1"

// Team returns the team of the principal.
func (d Data) Team(ctx context.Context, p auth.Principal) (Team, error) {
	if err := p.Require(); err != nil {
		return Team{}, err
	}
	team := Team{Role: p.Role()}
	if err := d.DB.QueryRowContext(ctx, countTeam, p.Role()).Scan(&team.Size); err != nil {
		return Team{}, fmt.Errorf("count a team: %w", err)
	}
	return team, nil
}
