//authgen:if redis
//authgen:as sessions.go

package auth

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	redis "github.com/redis/go-redis/v9"
)

// Sessions are in Redis. Those of a user are the fields of one hash, with the SHA-256
// of the ids in the cookies as their names. Since they share a key, a script can
// change them atomically, they are on one node of a cluster, and they can only be
// lost together: there is no index that could be out of date.

// keyPrefix is the prefix of all keys.
const keyPrefix = "auth:" //authgen:value redis_prefix

// sessionsKey returns the key of a user's sessions.
func sessionsKey(id UserID) string { return keyPrefix + "sessions:" + id.String() }

// maxSessions is how many sessions a user may have. A new one replaces the least
// recently used.
const maxSessions = 50

// record is a session in Redis: the fields in this order as text, separated by tabs,
// with times in Unix milliseconds by the clock of this process. The scripts use the
// first three and the family.
type record struct {
	version         uint32 // of the user's sessions when this one began, as in the cookie
	seenAt          time.Time
	expiresAt       time.Time
	authenticatedAt time.Time
	createdAt       time.Time
	family          string // handle of the family
	client          string
	userAgent       string // last, since it may contain tabs
}

func (r record) String() string {
	return fmt.Sprintf("%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s", r.version,
		r.seenAt.UnixMilli(), r.expiresAt.UnixMilli(), r.authenticatedAt.UnixMilli(), r.createdAt.UnixMilli(),
		r.family, r.client, r.userAgent)
}

// parseRecord is the inverse of String. It reports false if text is not a record.
func parseRecord(text string) (r record, ok bool) {
	fields := strings.SplitN(text, "\t", 8)
	if len(fields) != 8 {
		return record{}, false
	}
	version, err := strconv.ParseUint(fields[0], 10, 32)
	if err != nil {
		return record{}, false
	}
	var times [4]time.Time
	for i := range times {
		ms, err := strconv.ParseInt(fields[1+i], 10, 64)
		if err != nil {
			return record{}, false
		}
		times[i] = time.UnixMilli(ms).UTC()
	}
	return record{
		version:         uint32(version),
		seenAt:          times[0],
		expiresAt:       times[1],
		authenticatedAt: times[2],
		createdAt:       times[3],
		family:          fields[5],
		client:          fields[6],
		userAgent:       fields[7],
	}, true
}

// The scripts take the key of a user's sessions. Each returns a number.
var (
	// startScript adds the record ARGV[2] with the handle ARGV[1]. It deletes sessions
	// that expired before ARGV[3], and then the least recently used until ARGV[5] are
	// left; it returns the number of the latter. The key expires with the session that
	// lasts longest: this one lasts for ARGV[4].
	startScript = redis.NewScript(`
		local others = {}
		local all = redis.call('HGETALL', KEYS[1])
		for i = 1, #all, 2 do
			local seen, expires = all[i + 1]:match('^%d+\t(%d+)\t(%d+)\t')
			if not expires or tonumber(expires) <= tonumber(ARGV[3]) then
				redis.call('HDEL', KEYS[1], all[i])
			elseif all[i] ~= ARGV[1] then
				others[#others + 1] = {handle = all[i], seen = tonumber(seen)}
			end
		end
		table.sort(others, function(a, b) return a.seen < b.seen end)
		local surplus = math.max(#others + 1 - tonumber(ARGV[5]), 0)
		for i = 1, surplus do
			redis.call('HDEL', KEYS[1], others[i].handle)
		end
		redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
		if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[4]) then
			redis.call('PEXPIRE', KEYS[1], ARGV[4])
		end
		return surplus`)

	// touchScript records that the session ARGV[1] was used at ARGV[2], unless it has
	// ended or was used later. It does not extend the expiry of the key.
	touchScript = redis.NewScript(`
		local old = redis.call('HGET', KEYS[1], ARGV[1]) or ''
		local version, seen, rest = old:match('^(%d+)\t(%d+)(\t.*)$')
		if not seen or tonumber(seen) >= tonumber(ARGV[2]) then
			return 0
		end
		redis.call('HSET', KEYS[1], ARGV[1], version .. '\t' .. ARGV[2] .. rest)
		return 1`)

	// familyScript deletes the sessions of the family ARGV[1].
	familyScript = redis.NewScript(`
		local dropped = 0
		local all = redis.call('HGETALL', KEYS[1])
		for i = 1, #all, 2 do
			if all[i + 1]:match('^%d+\t%d+\t%d+\t%d+\t%d+\t([^\t]*)\t') == ARGV[1] then
				dropped = dropped + redis.call('HDEL', KEYS[1], all[i])
			end
		end
		return dropped`)

	// keepScript deletes all sessions except ARGV[1], which gets the version ARGV[2]
	// and expires after ARGV[3].
	keepScript = redis.NewScript(`
		local old = redis.call('HGET', KEYS[1], ARGV[1]) or ''
		redis.call('DEL', KEYS[1])
		local rest = old:match('^%d+(\t.*)$')
		if not rest then
			return 0
		end
		redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. rest)
		redis.call('PEXPIRE', KEYS[1], ARGV[3])
		return 1`)
)

// run runs a script for the sessions of a user.
func (a *Auth) run(ctx context.Context, what string, script *redis.Script, id UserID, args ...any) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	n, err := script.Run(ctx, a.config.Redis, []string{sessionsKey(id)}, args...).Int64()
	return n, redisError(what, err)
}

// redisError wraps an error of Redis. It never means that a session has ended: the
// failure may be temporary, and must not log anybody out.
func redisError(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("auth: %s: %w: %w", what, errUnavailable, err)
}

// checkRedis returns an error if the client cannot be used.
func checkRedis(client redis.UniversalClient) error {
	if client == nil {
		return errors.New("missing; give a client, for example from redis.NewClient")
	}
	if _, ok := client.(*redis.Ring); ok {
		return errors.New("the client is a ring, which uses another server while one is down: a session that ended meanwhile would be valid again when that server returns; use a cluster")
	}
	if cluster, ok := client.(*redis.ClusterClient); ok && cluster.Options().ReadOnly {
		return errors.New("the client reads from replicas, which may still have a session that has ended")
	}
	return nil
}

// flagStyle is the style flag in the claims of sessions that are kept on a server.
const flagStyle = 0

// startSession begins a session.
func (a *Auth) startSession(ctx context.Context, _ querier, l login) (Session, error) {
	s, c := a.newSession(l), clientFrom(ctx)
	n, err := a.run(ctx, "start a session", startScript, s.userID,
		s.id.handle(),
		record{
			version:         s.version,
			seenAt:          s.seenAt,
			expiresAt:       s.expiresAt,
			authenticatedAt: s.authenticatedAt,
			createdAt:       s.issuedAt,
			family:          s.familyHandle(),
			client:          c.address(),
			userAgent:       c.userAgent,
		}.String(),
		s.issuedAt.Add(-clockSkew).UnixMilli(),
		s.expiresAt.Sub(s.issuedAt).Milliseconds(),
		maxSessions)
	if err != nil {
		return Session{}, err
	}
	if n > 0 {
		a.Event(ctx, "excess_sessions_exceeded", "user", s.userID.String(), "ended", n)
	}
	return s, nil
}

// checkSession returns the session as it is in Redis, with the user's role as it is in
// the database, read in a transaction if tx is not nil. The error is
// [ErrUnauthenticated] if the session has ended.
func (a *Auth) checkSession(ctx context.Context, tx *sql.Tx, s Session, now time.Time) (Session, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	handle := s.id.handle()
	text, err := a.config.Redis.HGet(ctx, sessionsKey(s.userID), handle).Result()
	if errors.Is(err, redis.Nil) {
		return Session{}, ErrUnauthenticated
	}
	if err != nil {
		return Session{}, redisError("check a session", err)
	}
	r, ok := parseRecord(text)
	if !ok {
		return Session{}, ErrUnauthenticated
	}
	// Read the user's row as well. A copy of it in Redis could be out of date, since
	// no transaction spans both. So disabling a user, or changing the role or the
	// password, takes effect at once.
	var disabled bool
	var version uint32
	row, err := a.store.check(ctx, tx, selectUserState, s.userID)
	if err != nil {
		return Session{}, err
	}
	err = row.Scan(&s.role, &disabled, &version)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Session{}, ErrUnauthenticated
	case err != nil:
		return Session{}, fmt.Errorf("auth: check a session: %w", err)
	case disabled, version != s.version, !s.role.valid():
		return Session{}, ErrUnauthenticated
	}
	s.authenticatedAt, s.seenAt, s.expiresAt = r.authenticatedAt, r.seenAt, r.expiresAt
	if tx == nil && a.live(s, now) && now.Sub(s.seenAt) >= a.renewEvery(s.role) {
		a.inBackground(ctx, func(ctx context.Context) error {
			_, err := a.run(ctx, "touch a session", touchScript, s.userID, handle, now.UnixMilli())
			return err
		})
	}
	return s, nil
}

// endSession ends a session. It returns nil if the session has already ended.
func (a *Auth) endSession(ctx context.Context, _ querier, s Session) error {
	_, err := a.drop(ctx, s.userID, s.id.handle())
	return err
}

// endFamily ends a session and those that have replaced it since.
func (a *Auth) endFamily(ctx context.Context, _ querier, s Session) error {
	_, err := a.run(ctx, "end a session", familyScript, s.userID, s.familyHandle())
	return err
}

// drop ends a session of a user, and reports whether it existed.
func (a *Auth) drop(ctx context.Context, id UserID, handle string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	n, err := a.config.Redis.HDel(ctx, sessionsKey(id), handle).Result()
	return n > 0, redisError("end a session", err)
}

// endSessions ends all sessions of a user. The new version ends them, and also a
// session that is being started concurrently for an old password or role, or that
// Redis restores from a backup. If the transaction q is rolled back, the sessions are
// gone from Redis all the same, and the user has to log in again.
func (a *Auth) endSessions(ctx context.Context, q querier, id UserID) error {
	if err := execOne(ctx, q, "end the sessions of a user", endVersion, id); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	return redisError("end the sessions of a user", a.config.Redis.Del(ctx, sessionsKey(id)).Err())
}

// endOtherSessions ends all sessions of a user except s, and returns s with the new
// version. See [Auth.endSessions].
func (a *Auth) endOtherSessions(ctx context.Context, q querier, s Session) (Session, error) {
	if err := execOne(ctx, q, "end the other sessions", endVersion, s.userID); err != nil {
		return Session{}, err
	}
	s.version++
	_, err := a.run(ctx, "end the other sessions", keepScript, s.userID,
		s.id.handle(), s.version, time.Until(s.expiresAt).Milliseconds())
	return s, err
}

// SessionInfo describes a session to its user.
type SessionInfo struct {
	// ID identifies the session. It gives no access to it.
	ID        string    `json:"id"`
	Current   bool      `json:"current"`
	UserAgent string    `json:"user_agent"`
	Client    string    `json:"client"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Sessions lists the principal's sessions, the most recently used first.
func (a *Auth) Sessions(ctx context.Context, p Principal) ([]SessionInfo, error) {
	if err := p.Require(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	all, err := a.config.Redis.HGetAll(ctx, sessionsKey(p.UserID())).Result()
	if err != nil {
		return nil, redisError("list sessions", err)
	}
	now := time.Now()
	idle, _ := a.timeouts(p.Role())
	infos := []SessionInfo{} // not null in JSON
	for handle, text := range all {
		r, ok := parseRecord(text)
		if !ok || r.version != p.session.version || !now.Before(r.expiresAt) || !now.Before(r.seenAt.Add(idle)) {
			continue
		}
		infos = append(infos, SessionInfo{
			ID:        handle,
			Current:   handle == p.session.id.handle(),
			UserAgent: r.userAgent,
			Client:    r.client,
			CreatedAt: r.createdAt,
			SeenAt:    r.seenAt,
			ExpiresAt: r.expiresAt,
		})
	}
	slices.SortFunc(infos, func(a, b SessionInfo) int {
		return cmp.Or(b.SeenAt.Compare(a.SeenAt), cmp.Compare(a.ID, b.ID))
	})
	return infos, nil
}

// EndSession ends one of the principal's sessions by its [SessionInfo.ID]. The error
// is [ErrNotFound] if the principal has no such session. The principal must be
// fresh.
func (a *Auth) EndSession(ctx context.Context, p Principal, id string) error {
	if err := p.RequireFresh(); err != nil {
		return err
	}
	found, err := a.drop(ctx, p.UserID(), id)
	if err != nil {
		return err
	}
	if !found {
		a.Event(ctx, "authz_fail", "ended", id)
		return ErrNotFound
	}
	a.Event(ctx, "session_ended", "user", p.UserID().String(), "ended", id)
	return nil
}
