package plan_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/internal/exportdata"
	"github.com/authgen/authgen/generator/plan"
	"github.com/authgen/authgen/templates"
)

var (
	randomUpgrades = flag.Int("upgrades", 60, "how many random upgrades TestUpgradeRandom makes")
	checkedTypes   = flag.Int("upgrades.types", 0, "how many upgrades without conflict TestUpgradeRandom type-checks")
)

// sample is a module with a package as authgen wrote it.
type sample struct {
	answers answers.Answers
	path    string // of the module
	module  fstest.MapFS
	files   []emit.File // the files emitted for the module
}

// samples returns packages for some answers. In each, the developer owns some generated
// files.
func samples(t *testing.T) []*sample {
	t.Helper()
	var all []*sample
	for _, change := range []func(*answers.Answers){
		func(*answers.Answers) {},
		func(a *answers.Answers) {
			a.Router, a.Database, a.Session = "gin", "mysql", "stateless"
			a.Public, a.Protected = []string{"/login"}, []string{"/account"}
		},
		func(a *answers.Answers) { a.Router, a.Database, a.Store = "fiber", "postgres", "redis" },
	} {
		a := answers.Default()
		change(&a)
		a.Normalize()
		s := &sample{answers: a, path: "example.com/app", module: make(fstest.MapFS)}
		own := make(map[string][]byte)
		s.emit(t)
		for i, f := range s.files {
			if f.Class == emit.Generated && i%8 == len(all) {
				own[f.Path] = f.Data
			}
		}
		s.module = applied(s.module, s.plan(t, s.module, s.files, plan.Options{}))
		s.emit(t)
		s.module = applied(s.module, s.plan(t, s.module, s.files, plan.Options{Own: own}))
		if plan := s.plan(t, s.module, s.files, plan.Options{}); !plan.Empty() {
			t.Fatalf("the sample is not up to date: %s", plan.Counts())
		}
		all = append(all, s)
	}
	return all
}

// digest returns the digest of the templates.
func digest(t *testing.T) string {
	t.Helper()
	digest, err := emit.Digest(templates.FS)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// emit sets the files to those that are emitted for the module.
func (s *sample) emit(t *testing.T) {
	t.Helper()
	var err error
	target, _ := s.state(t, s.module)
	if s.files, err = emit.Package(templates.FS, s.answers, target); err != nil {
		t.Fatal(err)
	}
}

// state returns the target and the base of a module for the next plan.
func (s *sample) state(t *testing.T, module fs.FS) (emit.Target, *plan.Base) {
	t.Helper()
	base, err := plan.ReadBase(module, s.answers.Package)
	if err != nil {
		t.Fatal(err)
	}
	migrated, err := base.Migrated(module, s.answers)
	if err != nil {
		t.Fatal(err)
	}
	return emit.Target{Module: s.path, Templates: digest(t), Migrated: migrated}, base
}

func (s *sample) plan(t *testing.T, module fs.FS, files []emit.File, o plan.Options) *plan.Plan {
	t.Helper()
	target, base := s.state(t, module)
	plan, err := plan.New(module, s.answers, target, files, base, o)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// applied returns the module after a plan was applied.
func applied(module fstest.MapFS, plan *plan.Plan) fstest.MapFS {
	after := maps.Clone(module)
	for name, data := range plan.Written() {
		if delete(after, name); data != nil {
			after[name] = &fstest.MapFile{Data: data, Mode: 0o644}
		}
	}
	return after
}

// upgrade is a sample with changes by the developer and by a new version.
type upgrade struct {
	*sample
	t      *testing.T
	edited fstest.MapFS // the module
	latest []emit.File  // what the new version emits
	sound  bool         // whether both sides must compile
	log    []string     // the edits
}

// newUpgrade returns the nth upgrade.
func newUpgrade(t *testing.T, n int, samples []*sample) *upgrade {
	r := rand.New(rand.NewPCG(uint64(n), 11))
	s := samples[n%len(samples)]
	u := &upgrade{s, t, maps.Clone(s.module), slices.Clone(s.files), n%4 == 3, nil}
	_, base := s.state(t, s.module)
	var yours, others []int
	for i, f := range s.files {
		switch class := base.Class(f.Path); {
		case class == emit.Migration:
		case class == emit.Yours:
			yours = append(yours, i)
		default:
			others = append(others, i)
		}
	}
	r.Shuffle(len(yours), func(i, j int) { yours[i], yours[j] = yours[j], yours[i] })
	touched := 1 + r.IntN(4)
	for k, i := range yours[:2*touched] {
		name := s.files[i].Path
		if k < touched {
			full := path.Join(s.answers.Package, name)
			text := u.edit(r, mine, name, s.module[full].Data, 1+r.IntN(3))
			switch moved := path.Join(path.Dir(full), "my_"+path.Base(full)); {
			case r.IntN(16) == 0:
				delete(u.edited, full)
				u.edited[moved] = &fstest.MapFile{Data: text, Mode: 0o644}
				u.log = append(u.log, name+": rename the file")
			case r.IntN(16) == 0 && !u.sound:
				delete(u.edited, full)
				u.log = append(u.log, name+": delete the file")
			default:
				u.edited[full] = &fstest.MapFile{Data: text, Mode: 0o644}
			}
		}
		if r.IntN(4) > 0 {
			u.latest[i].Data = u.edit(r, theirs, name, s.files[i].Data, 1+r.IntN(3))
		}
	}
	for range 3 {
		i, _ := pick(r, others)
		u.latest[i].Data = u.edit(r, theirs, s.files[i].Path, u.latest[i].Data, 1)
	}
	return u
}

// edit makes edits to a file.
func (u *upgrade) edit(r *rand.Rand, by author, name string, text []byte, n int) []byte {
	kinds := developerEdits
	switch {
	case path.Ext(name) != ".go":
		kinds = []sourceEdit{by.writeLine, dropLine}
	case by == theirs:
		kinds = templateEdits
	}
	crlf := false
	for range n {
		edit, _ := pick(r, kinds)
		edited, what, ok := edit(r, text)
		if !ok || u.sound && (strings.HasPrefix(what, "delete ") || what == "rename the package") {
			continue
		}
		u.log = append(u.log, fmt.Sprintf("%s, %s: %s", name, by, what))
		if strings.HasSuffix(what, "CRLF") {
			crlf = true // made last
			continue
		}
		text = edited
	}
	if crlf {
		text, _, _ = toCRLF(r, text)
	}
	return text
}

// writeLine adds a line to a text.
func (by author) writeLine(r *rand.Rand, src []byte) ([]byte, string, bool) {
	lines := slices.Collect(bytes.Lines(src))
	at := r.IntN(len(lines) + 1)
	lines = slices.Insert(lines, at, []byte(by.mark(r)+"\n"))
	return bytes.Join(lines, nil), fmt.Sprintf("add line %d", at+1), true
}

func dropLine(r *rand.Rand, src []byte) ([]byte, string, bool) {
	lines := slices.Collect(bytes.Lines(src))
	at := r.IntN(len(lines))
	return bytes.Join(slices.Delete(lines, at, at+1), nil), fmt.Sprintf("delete line %d", at+1), true
}

// lf returns text with the line endings that the merge sees.
func lf(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

// at returns the content of a file of the package in a module, nil if it does not exist.
func (u *upgrade) at(module fstest.MapFS, name string) []byte {
	if f := module[path.Join(u.answers.Package, name)]; f != nil {
		return f.Data
	}
	return nil
}

// inSample returns the content of a file as it was emitted last.
func (u *upgrade) inSample(name string) []byte { return u.at(u.module, name) }

// check checks everything that must be true for a plan. It returns whether there is no
// conflict, the module after the plan, and the problems.
func (u *upgrade) check(r *rand.Rand) (clean bool, after fstest.MapFS, problems []string) {
	problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	p := u.plan(u.t, u.edited, u.latest, plan.Options{})
	if blocked := p.Blocked(); len(blocked) > 0 {
		problem("%s: %s", blocked[0].Path, blocked[0].Action)
	}
	for _, s := range p.Steps {
		for _, p := range u.checkStep(s) {
			problem("%s (%s): %s", s.Path, s.Action, p)
		}
	}
	for name := range p.Written() {
		if strings.HasPrefix(path.Base(name), "my_") && !slices.ContainsFunc(p.Steps, func(s plan.Step) bool { return p.InModule(s) == name }) {
			problem("%s does not belong to authgen", name)
		}
	}
	if again := u.plan(u.t, u.edited, u.latest, plan.Options{}); !maps.EqualFunc(p.Written(), again.Written(), bytes.Equal) || !slices.Equal(paths(p.Conflicting()), paths(again.Conflicting())) {
		problem("a second plan differs: %s and %s", p.Counts(), again.Counts())
	}
	if len(p.Conflicting()) == 0 {
		after = applied(u.edited, p)
		if again := u.plan(u.t, after, u.latest, plan.Options{}); !again.Empty() || len(again.Conflicting())+len(again.Blocked()) > 0 {
			problem("the next run would change something: %s", again.Counts())
		}
		return true, after, problems
	}
	for _, mode := range []plan.ConflictMode{plan.Markers, plan.Sidecar} {
		for _, p := range u.checkConflicts(r, mode, p.Conflicting()) {
			problem("%s: %s", mode, p)
		}
	}
	return false, nil, problems
}

func paths(steps []plan.Step) []string {
	var paths []string
	for _, s := range steps {
		paths = append(paths, s.Path)
	}
	return paths
}

// checkStep checks what a plan does with a file.
func (u *upgrade) checkStep(s plan.Step) []string {
	if s.Path == answers.FileName || s.Class == emit.Migration {
		if s.Action != plan.Identical {
			return []string{"it must stay"}
		}
		return nil
	}
	base, yours, latest := u.inSample(s.Path), u.at(u.edited, s.At), s.Emitted()
	if yours == nil {
		if s.Action != plan.Keep || s.New() != nil {
			return []string{"the developer deleted it"}
		}
		return nil
	}
	edited, changed := !bytes.Equal(yours, base), !bytes.Equal(lf(latest), lf(base))
	switch {
	case s.Class == emit.Once:
		if !bytes.Equal(s.New(), yours) {
			return []string{"it is written only once, but was changed"}
		}
	case s.Action == plan.Conflicts:
		if !edited || !changed || len(s.Conflicts) == 0 {
			return []string{"only one side changed it"}
		}
	case !edited:
		if !bytes.Equal(s.New(), latest) {
			return []string{"not edited, but differs from what is emitted:\n" + cmp.Diff(string(latest), string(s.New()))}
		}
	case !changed:
		if !bytes.Equal(s.New(), yours) {
			return []string{"not changed, but differs from what the developer wrote:\n" + cmp.Diff(string(yours), string(s.New()))}
		}
	default:
		return checkMerge(s.Path, base, yours, latest, s.New())
	}
	return nil
}

// checkMerge checks a file that was merged without conflict.
func checkMerge(name string, base, yours, latest, merged []byte) []string {
	problems := slices.Concat(lost(base, yours, merged), lost(base, latest, merged))
	lines := lf(merged)
	if bytes.Contains(yours, []byte("\r\n")) {
		lines = bytes.ReplaceAll(lines, []byte("\n"), []byte("\r\n"))
	}
	if !bytes.Equal(merged, lines) {
		problems = append(problems, "its line endings are not those of the developer's file")
	}
	if path.Ext(name) != ".go" {
		return problems
	}
	b, y, l, m := declarations(lf(base)), declarations(lf(yours)), declarations(lf(latest)), declarations(lf(merged))
	if m == nil {
		return append(problems, "it does not parse:\n"+string(merged))
	}
	names := maps.Clone(b)
	for _, side := range []map[string]string{y, l, m} {
		maps.Copy(names, side)
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		var want string
		switch {
		case y[name] == b[name]:
			want = l[name]
		case l[name] == b[name], l[name] == y[name]:
			want = y[name]
		default:
			continue // both changed it
		}
		if m[name] != want {
			problems = append(problems, fmt.Sprintf("%s differs from the side that changed it:\n%s", name, cmp.Diff(want, m[name])))
		}
	}
	return problems
}

// lost is [misplaced] without the imports that the side itself does not use.
func lost(base, side, merged []byte) []string {
	return slices.DeleteFunc(misplaced(lf(base), lf(side), lf(merged)), func(problem string) bool {
		imported, _, ok := strings.Cut(strings.TrimPrefix(problem, `"`), `"`)
		return ok && !bytes.Contains(side, []byte(path.Base(imported)+"."))
	})
}

// declarations returns the name of the package and the formatted declarations of a file, by
// what they declare, and nil if the file does not parse.
func declarations(src []byte) map[string]string {
	s, ok := parseSource(src)
	if !ok {
		return nil
	}
	texts := map[string]string{"package": s.ast.Name.Name}
	for _, d := range s.ast.Decls {
		var names []string
		doc := (*ast.CommentGroup)(nil)
		switch d := d.(type) {
		case *ast.FuncDecl:
			doc = d.Doc
			receiver := ""
			if d.Recv != nil {
				receiver = types.ExprString(d.Recv.List[0].Type) + "."
			}
			names = append(names, "func "+receiver+d.Name.Name)
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				continue
			}
			doc = d.Doc
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, spec.Name.Name)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						names = append(names, name.Name)
					}
				}
			}
		}
		from := d.Pos()
		if doc != nil {
			from = doc.Pos()
		}
		text := s.in(span{s.file.Offset(from), s.file.Offset(d.End())})
		formatted, err := format.Source([]byte(text))
		if err != nil {
			return nil
		}
		key := strings.Join(names, ", ")
		texts[key] += string(formatted)
	}
	return texts
}

// checkConflicts writes conflicts to files, checks these, and resolves each conflict by
// taking one side.
func (u *upgrade) checkConflicts(r *rand.Rand, mode plan.ConflictMode, conflicts []plan.Step) (problems []string) {
	problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	p := u.plan(u.t, u.edited, u.latest, plan.Options{Conflict: mode})
	if got, want := paths(p.Conflicting()), paths(conflicts); !slices.Equal(got, want) {
		problem("conflicts in %q, not %q", got, want)
	}
	module := applied(u.edited, p)
	resolve := make(map[string]plan.Resolution)
	for _, s := range conflicts {
		yours := u.at(u.edited, s.At)
		resolve[s.Path] = plan.WithMine
		if r.IntN(2) == 0 {
			resolve[s.Path] = plan.WithNew
		}
		text, kept := u.at(module, s.At), u.at(module, s.At+plan.MineSuffix)
		if mode == plan.Sidecar || path.Ext(s.Path) != ".go" {
			text, kept = u.at(module, s.At+plan.MergeSuffix), text
		}
		if !bytes.Equal(kept, yours) {
			problem("%s: the developer's file is not kept anywhere", s.Path)
		}
		if !plan.HasMarkers(text) {
			problem("%s: no markers", s.Path)
		}
		// Both sides are in the text; a mark may also be in the middle section.
		for _, side := range [][]byte{yours, s.Emitted()} {
			for mark, n := range count(marks, side) {
				if count(marks, text)[mark] < n {
					problem("%s: %s is missing", s.Path, mark)
				}
			}
		}
	}
	for _, next := range []plan.ConflictMode{plan.Fail, plan.Markers, plan.Sidecar} {
		again := u.plan(u.t, module, u.latest, plan.Options{Conflict: next})
		if got, want := paths(again.Conflicting()), paths(conflicts); !again.Empty() || !slices.Equal(got, want) {
			problem("the next run with %s would change something: %s, conflicts in %q", next, again.Counts(), got)
		}
	}
	p = u.plan(u.t, module, u.latest, plan.Options{Conflict: mode, Resolve: resolve})
	if open := p.Conflicting(); len(open) > 0 {
		problem("%s: not resolved: %s", open[0].Path, open[0].Note)
	}
	module = applied(module, p)
	for _, s := range conflicts {
		text := u.at(module, s.At)
		if plan.HasMarkers(text) {
			problem("%s: markers are left", s.Path)
		}
		side := u.at(u.edited, s.At)
		if resolve[s.Path] == plan.WithNew {
			side = s.Emitted()
		}
		for _, p := range lost(u.inSample(s.Path), side, text) {
			problem("%s: resolved with %s: %s", s.Path, resolve[s.Path], p)
		}
		if _, ok := parseSource(text); path.Ext(s.Path) == ".go" && !ok {
			problem("%s: resolved with %s: it does not parse:\n%s", s.Path, resolve[s.Path], text)
		}
	}
	for name := range module {
		if strings.HasSuffix(name, plan.MineSuffix) || strings.HasSuffix(name, plan.MergeSuffix) {
			problem("%s is left", name)
		}
	}
	if again := u.plan(u.t, module, u.latest, plan.Options{}); !again.Empty() || len(again.Conflicting())+len(again.Blocked()) > 0 {
		problem("resolved, but the next run would change something: %s", again.Counts())
	}
	return problems
}

func count(what *regexp.Regexp, text []byte) map[string]int {
	n := make(map[string]int)
	for _, found := range what.FindAll(text, -1) {
		n[string(found)]++
	}
	return n
}

// TestUpgradeRandom makes random edits by a developer and by a new version. Nothing that
// either wrote may be lost, in any conflict mode.
func TestUpgradeRandom(t *testing.T) {
	all := samples(t)
	var checker *typeChecker
	if *checkedTypes > 0 {
		more := []string{"log"}
		for _, p := range imported {
			more = append(more, p.path)
		}
		checker = &typeChecker{imports: exportdata.Load(t, nil, more...).Importer()}
	}
	clean, wrong := 0, 0
	why := make(map[string]int)
	for n := range *randomUpgrades {
		u := newUpgrade(t, n, all)
		ok, after, problems := u.check(rand.New(rand.NewPCG(uint64(n), 12)))
		if len(problems) > 0 {
			wrong++
			t.Errorf("upgrade %d:\n%s\nedits:\n%s", n, strings.Join(problems, "\n"), strings.Join(u.log, "\n"))
			if wrong == 10 {
				t.Fatal("too many errors")
			}
		}
		if !ok {
			continue
		}
		if clean++; u.sound && checker != nil && checker.n < *checkedTypes {
			why[checker.verdict(u, after)]++
		}
	}
	t.Logf("%d upgrades: %d without conflict, %d with, %d wrong", *randomUpgrades, clean, *randomUpgrades-clean, wrong)
	for _, verdict := range slices.Sorted(maps.Keys(why)) {
		t.Logf("%6d of %d: %s", why[verdict], checker.n, verdict)
	}
}

// typeChecker type-checks modules as go vet does.
type typeChecker struct {
	imports types.Importer
	n       int
}

// verdict says whether the result of an upgrade without conflict compiles and, if not,
// which side is the cause.
func (c *typeChecker) verdict(u *upgrade, after fstest.MapFS) string {
	c.n++
	err := c.check(u.sample, after)
	if err == nil {
		return "it compiles"
	}
	if c.check(u.sample, u.edited) != nil {
		return "the developer's side does not compile either"
	}
	unedited := applied(u.module, u.plan(u.t, u.module, u.latest, plan.Options{}))
	if c.check(u.sample, unedited) != nil {
		return "the new version does not compile either"
	}
	return fmt.Sprintf("each side compiles, but not the result: %v\n%s", err, strings.Join(u.log, "\n"))
}

// check type-checks the package, its tests and the test kit.
func (c *typeChecker) check(s *sample, module fstest.MapFS) error {
	fset := token.NewFileSet()
	groups := make(map[string][]*ast.File)
	for name, f := range module {
		if path.Ext(name) != ".go" {
			continue
		}
		file, err := parser.ParseFile(fset, name, f.Data, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		group := strings.TrimPrefix(path.Dir(name), s.answers.Package)
		switch {
		case strings.HasSuffix(file.Name.Name, "_test"):
			group += "external"
		case strings.HasSuffix(name, "_test.go"):
			group += "tested"
		}
		groups[group] = append(groups[group], file)
	}
	local := localImports{c.imports, make(map[string]*types.Package)}
	for _, p := range []struct {
		name  string
		files []*ast.File
	}{
		{"", groups[""]},
		{"", slices.Concat(groups[""], groups["tested"])},
		{"/authtest", groups["/authtest"]},
		{"_test", groups["external"]},
	} {
		name := path.Join(s.path, s.answers.Package) + p.name
		config := types.Config{Importer: local}
		pkg, err := config.Check(name, fset, p.files, nil)
		if err != nil {
			return err
		}
		local.packages[name] = pkg
	}
	return nil
}

// localImports imports the packages of the module, and others with the embedded importer.
type localImports struct {
	types.Importer
	packages map[string]*types.Package
}

func (l localImports) Import(name string) (*types.Package, error) {
	if pkg := l.packages[name]; pkg != nil {
		return pkg, nil
	}
	return l.Importer.Import(name)
}
