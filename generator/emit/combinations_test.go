package emit

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/internal/covering"
	"github.com/authgen/authgen/generator/internal/directive"
	"github.com/authgen/authgen/templates"
)

var allCombinations = flag.Bool("combinations.all", false, "check every combination of answers, not every pair")

// tried are answers for the keys that have no list of values, the usual one first. Each is
// the text of a flag.
var tried = map[string][]string{
	"package":      {"internal/auth", "internal/login"},
	"package_name": {"", "identity"},
	"name":         {"", "shop"},
	"prefix":       {"/auth", "/api/login"},
	"users": {
		"own",
		"table=people,id=id:bigint,email=email,password=pw,verified=confirmed_at:time,disabled=active:not,deleted=deleted_at,role=role,created=created_at,updated=updated_at",
		"table=user,id=uid:varchar(36),email=mail:nocase",
		"table=people,id=id:uuid,email=email,password=pw,disabled=activated_at:not time,role=is_admin:admin=true+member=false",
		"table=people,id=id:bigint,email=email,verified=unconfirmed:not,disabled=blocked,deleted=gone:bool,role=role_id:admin=7+editor=4+member=1",
		"table=people,id=id:bigint,email=email,display_name=name",
	},
	"roles":        {"admin,member", "admin", "admin,editor,member"},
	"permissions":  {"", "editor=posts:write,member=posts:read", "member=posts:read"},
	"default_role": {""},
	"profile": {
		"",
		"display_name:string:anyone,phone:string:self+admin,newsletter:bool:self,karma:int:admin",
		"display_name:string:anyone",
		"newsletter:bool:self",
		"karma:int:admin",
	},
	"public":             {"", "/login"},
	"protected":          {"", "/account"},
	"migrations_dir":     {"", "db/migrations"},
	"migrations_version": {""},
}

// answerSpace returns the space of all combinations of answers: each key is a factor, and so
// is each feature.
func answerSpace(t *testing.T) covering.Space {
	t.Helper()
	var s covering.Space
	usual := answers.Default()
	for _, k := range answers.Keys {
		f := covering.Factor{Name: k.Name, Values: tried[k.Name]}
		switch {
		case k.Many:
			for _, v := range k.Values {
				s.Factors = append(s.Factors, covering.Factor{Name: v.Name, Values: []string{"no", "yes"}})
			}
			continue
		case k.Values != nil:
			for _, v := range k.Values {
				f.Values = append(f.Values, v.Name)
			}
			if i := slices.Index(f.Values, usual.Get(k.Name)); i > 0 {
				f.Values[0], f.Values[i] = f.Values[i], f.Values[0]
			}
		case f.Values == nil:
			t.Fatalf("no answer for the key %s is tried", k.Name)
		}
		s.Factors = append(s.Factors, f)
	}
	s.Check = func(r covering.Row) error {
		_, err := answersOf(s, r)
		return err
	}
	return s
}

// answersOf returns the answers of a combination.
func answersOf(s covering.Space, r covering.Row) (answers.Answers, error) {
	a := answers.Default()
	for i, f := range s.Factors {
		key, text := f.Name, f.Values[r[i]]
		if slices.Contains(answers.FeatureNames(), key) {
			key, text = "features", map[string]string{"no": "-", "yes": ""}[text]+key
		}
		if text == a.Get(key) {
			continue
		}
		if err := a.Set(key, text); err != nil {
			return a, err
		}
	}
	a.Normalize()
	return a, a.Check()
}

var (
	// contents are the keys for the content of a package. They share code.
	contents = slices.Concat([]string{"session", "store", "bridge", "roles", "profile", "public"}, answers.FeatureNames(), featureKeys())
	// surroundings are the keys for the project that a package is in.
	surroundings = []string{"session", "router", "database", "driver", "store", "bridge", "migrations", "migrations_dir"}
)

// featureKeys returns the keys of the questions about features.
func featureKeys() (names []string) {
	for _, f := range answers.Features {
		for _, k := range f.Keys {
			names = append(names, k.Name)
		}
	}
	return names
}

// coveringRows returns combinations that cover all pairs of answers, and all triples of
// those that share code. Among them are combinations with all features, with none, with each
// alone, and with each missing.
func coveringRows(s covering.Space) ([]covering.Row, []covering.Infeasible) {
	set := func(value string, features ...string) map[string]string {
		values := make(map[string]string)
		for _, name := range features {
			values[name] = value
		}
		return values
	}
	start := []covering.Row{s.Row(set("yes", answers.FeatureNames()...)), s.Row(set("no", answers.FeatureNames()...))}
	for _, name := range answers.FeatureNames() {
		alone, missing := set("no", answers.FeatureNames()...), set("yes", answers.FeatureNames()...)
		alone[name], missing[name] = "yes", "no"
		start = append(start, s.Row(alone), s.Row(missing))
	}
	return s.Cover(slices.Concat(s.Tuples(2), s.Tuples(3, contents...)), start...)
}

// combinations returns the combinations to check.
func combinations(s covering.Space) []covering.Row {
	rows, _ := coveringRows(s)
	if *allCombinations {
		add := func(r covering.Row) { rows = append(rows, r) }
		s.Each(contents, add)
		s.Each(surroundings, add)
	}
	return rows
}

// TestPairs checks that every pair of answers is in a combination, unless Check refuses it.
// It logs the refused pairs and the counts.
func TestPairs(t *testing.T) {
	s := answerSpace(t)
	rows, infeasible := coveringRows(s)
	for _, r := range rows {
		if err := s.Check(r); err != nil {
			t.Errorf("%s: %v", nameOf(s, r), err)
		}
	}
	reasons := make(map[string]bool)
	for _, i := range infeasible {
		if len(i.Tuple) == 2 {
			reasons[s.Describe(i.Tuple)] = true
		}
		t.Logf("not possible: %s: %v", s.Describe(i.Tuple), i.Err)
	}
	pairs := s.Tuples(2)
	for _, pair := range pairs {
		if !reasons[s.Describe(pair)] && !slices.ContainsFunc(rows, pair.In) {
			t.Errorf("%s is in no combination", s.Describe(pair))
		}
	}
	t.Logf("%d combinations have %d pairs of answers, and %d are not possible", len(rows), len(pairs)-len(reasons), len(reasons))
}

// nameOf returns the unusual answers of a combination.
func nameOf(s covering.Space, r covering.Row) string {
	var t covering.Tuple
	for i, v := range r {
		if v != 0 {
			t = append(t, covering.Choice{Factor: i, Value: v})
		}
	}
	return s.Describe(t)
}

// TestCombinations emits packages for combinations of answers that cover all pairs,
// type-checks them with their tests, in this process, and looks for code that belongs to a
// feature and was left behind.
func TestCombinations(t *testing.T) {
	specialize := rememberTemplates()
	exports := exportData(t)
	var mu sync.Mutex
	seen := make(map[string]bool) // most mistakes show in many combinations
	report := func(name string, err error) {
		mu.Lock()
		defer mu.Unlock()
		for line := range strings.SplitSeq(err.Error(), "\n") {
			if !seen[line] {
				seen[line] = true
				t.Errorf("%s\n\t%s", line, name)
			}
		}
	}
	space := answerSpace(t)
	words := new(wordFinder)
	work := make(chan covering.Row)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			checker := newEmissionChecker(exports)
			for r := range work {
				a, err := answersOf(space, r)
				var files, all []File
				if err == nil {
					files, err = packageWith(specialize, templates.FS, a, Target{Module: "example.com/app"})
				}
				if err == nil {
					all, err = packageWith(specialize, templates.FS, everything(t, a), Target{Module: "example.com/app"})
				}
				if err == nil {
					err = errors.Join(checker.check(a, files), words.stray(all, files))
				}
				if err != nil {
					report(nameOf(space, r), err)
				}
			}
		})
	}
	for i, r := range combinations(space) {
		if !testing.Short() || i%20 == 0 {
			work <- r
		}
	}
	close(work)
	workers.Wait()
}

// rememberTemplates returns a specializer that caches its results. They depend on the
// values of the tags that the template names, and on all other options.
func rememberTemplates() specializer {
	type result struct {
		f   directive.File
		ok  bool
		err error
	}
	var results sync.Map
	return func(name string, source []byte, o directive.Options) (directive.File, bool, error) {
		key := sha256.New()
		fmt.Fprint(key, name, "\n", o.Packages, o.Values, o.Imports, o.Exprs, o.Words, o.NumberPlaceholders)
		for line := range bytes.Lines(source) {
			if _, expr, ok := bytes.Cut(line, []byte("authgen:if ")); ok {
				for word := range bytes.FieldsFuncSeq(expr, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
					fmt.Fprint(key, o.Tags[string(word)])
				}
			}
		}
		key.Write(source)
		sum := [sha256.Size]byte(key.Sum(nil))
		if r, ok := results.Load(sum); ok {
			return r.(result).f, r.(result).ok, r.(result).err
		}
		var r result
		r.f, r.ok, r.err = specialize(name, source, o)
		results.Store(sum, r)
		return r.f, r.ok, r.err
	}
}
