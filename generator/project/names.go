package project

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// typ is a named type, or a pointer to one. It is zero if it is not known. The path of a
// type of the language itself is empty.
type typ struct{ path, name string }

// deepest is how many steps names are followed. It ends recursion, and nobody writes
// code that needs more.
const deepest = 12

// defs returns what gives values to the variable of that name, local or of the package.
func (s *source) defs(name string, in *scope) []*def {
	if owner := in.holding(name); owner != nil {
		return owner.vars[name]
	}
	return s.packageDefs(in.file.pkg, name)
}

// packageDefs returns what gives values to a variable of a package.
func (s *source) packageDefs(p *pkg, name string) []*def {
	if p == nil {
		return nil
	}
	var defs []*def
	for _, f := range s.declaring(p, name) {
		defs = append(defs, f.top.vars[name]...)
	}
	if defs == nil {
		return nil
	}
	for _, f := range s.parsedOf(p.files, name) {
		for i, set := range f.sets {
			if id, ok := set.to.(*ast.Ident); ok && id.Name == name {
				defs = append(defs, &f.sets[i].def)
			}
		}
	}
	if !ast.IsExported(name) {
		return defs
	}
	// Another package may set it too.
	for _, f := range s.parsedOf(s.importing(p), "."+name) {
		for i, set := range f.sets {
			if sel, ok := set.to.(*ast.SelectorExpr); ok && sel.Sel.Name == name && s.imported(sel, set.in) == p.path {
				defs = append(defs, &f.sets[i].def)
			}
		}
	}
	return defs
}

// imported returns the import path of the package that a selector selects from, "" if it
// selects from a value.
func (s *source) imported(sel *ast.SelectorExpr, in *scope) string {
	id, ok := sel.X.(*ast.Ident)
	if !ok || in.holding(id.Name) != nil {
		return ""
	}
	return in.file.importOf(id.Name)
}

// typeSpec returns the declaration of a type of the application.
func (s *source) typeSpec(t typ) (*ast.TypeSpec, *file) {
	p := s.packages[t.path]
	if p == nil {
		return nil, nil
	}
	for _, f := range s.declaring(p, t.name) {
		if spec := f.types[t.name]; spec != nil {
			return spec, f
		}
	}
	return nil, nil
}

// typeNamed returns the type that an expression in a file stands for.
func (s *source) typeNamed(e ast.Expr, f *file) typ { return s.typeNamedWithin(e, f, deepest) }

func (s *source) typeNamedWithin(e ast.Expr, f *file, depth int) typ {
	var t typ
	switch e := base(e).(type) {
	case *ast.Ident:
		if f.pkg == nil {
			return typ{}
		}
		t = typ{f.pkg.path, e.Name}
		if spec, _ := s.typeSpec(t); spec == nil {
			return typ{"", e.Name}
		}
	case *ast.SelectorExpr:
		id, ok := e.X.(*ast.Ident)
		if !ok || f.importOf(id.Name) == "" {
			return typ{}
		}
		t = typ{f.importOf(id.Name), e.Sel.Name}
	}
	if spec, of := s.typeSpec(t); spec != nil && spec.Assign.IsValid() && depth > 0 {
		return s.typeNamedWithin(spec.Type, of, depth-1)
	}
	return t
}

// typeOf returns the type of a value.
func (s *source) typeOf(e ast.Expr, in *scope) typ { return s.typeWithin(e, in, deepest) }

func (s *source) typeWithin(e ast.Expr, in *scope, depth int) typ {
	if depth == 0 || e == nil {
		return typ{}
	}
	depth--
	switch e := e.(type) {
	case *ast.ParenExpr:
		return s.typeWithin(e.X, in, depth)
	case *ast.StarExpr:
		return s.typeWithin(e.X, in, depth)
	case *ast.UnaryExpr:
		return s.typeWithin(e.X, in, depth)
	case *ast.CompositeLit:
		return s.typeNamed(e.Type, in.file)
	case *ast.TypeAssertExpr:
		return s.typeNamed(e.Type, in.file)
	case *ast.Ident:
		return s.typeOfDefs(s.defs(e.Name, in), depth)
	case *ast.SelectorExpr:
		if importPath := s.imported(e, in); importPath != "" {
			return s.typeOfDefs(s.packageDefs(s.packages[importPath], e.Sel.Name), depth)
		}
		of := s.typeWithin(e.X, in, depth)
		if h := handleOf(of); h != nil && h.DB == "{h}."+e.Sel.Name {
			return sqlDB
		}
		t, _ := s.field(of, e.Sel.Name, depth)
		return t
	case *ast.CallExpr:
		return s.resultType(e, 0, in, depth)
	}
	return typ{}
}

// typeOfDefs returns the type of a variable.
func (s *source) typeOfDefs(defs []*def, depth int) typ {
	for _, d := range defs {
		var t typ
		switch call, ok := d.value.(*ast.CallExpr); {
		case d.typ != nil:
			t = s.typeNamed(d.typ, d.in.file)
		case ok && d.index > 0:
			t = s.resultType(call, d.index, d.in, depth)
		default:
			t = s.typeWithin(d.value, d.in, depth)
		}
		if t != (typ{}) {
			return t
		}
	}
	return typ{}
}

// sqlDB is the type of databases in the standard library.
var sqlDB = typ{answers.SQL, "DB"}

// resultType returns the type of a result of a call.
func (s *source) resultType(c *ast.CallExpr, i int, in *scope, depth int) typ {
	switch fun := base(c.Fun).(type) {
	case *ast.Ident:
		if fun.Name == "new" && len(c.Args) == 1 {
			return s.typeNamed(c.Args[0], in.file)
		}
		if in.holding(fun.Name) == nil && in.file.pkg != nil {
			if t := (typ{in.file.pkg.path, fun.Name}); s.isType(t) {
				return s.typeNamed(fun, in.file)
			}
		}
	case *ast.SelectorExpr:
		if importPath := s.imported(fun, in); importPath == "" {
			if h := handleOf(s.typeWithin(fun.X, in, depth)); h != nil && h.DB == "{h}."+fun.Sel.Name+"()" && i == 0 {
				return sqlDB
			}
		} else if t := (typ{importPath, fun.Sel.Name}); s.isType(t) {
			return t
		} else if s.own[importPath] && fun.Sel.Name == "New" && i == 0 {
			return typ{importPath, "Auth"}
		}
	}
	if made := s.made(c, in); made != nil && i == 0 {
		return made.typ
	}
	for _, f := range s.calleesWithin(c, in, depth) {
		if e, _ := f.result(i); e != nil {
			return s.typeNamed(e, f.file)
		}
	}
	return typ{}
}

func (s *source) isType(t typ) bool {
	spec, _ := s.typeSpec(t)
	return spec != nil
}

// structOf returns the fields of a struct of the application.
func (s *source) structOf(t typ) (*ast.StructType, *file) {
	if spec, f := s.typeSpec(t); spec != nil {
		if st, ok := spec.Type.(*ast.StructType); ok {
			return st, f
		}
	}
	return nil, nil
}

// embedded returns the name of an embedded field.
func embedded(field *ast.Field) string {
	switch t := base(field.Type).(type) {
	case *ast.Ident:
		return t.Name
	case *ast.SelectorExpr:
		return t.Sel.Name
	}
	return ""
}

// fieldNames returns the names of the fields that a line of a struct declares.
func fieldNames(field *ast.Field) []string {
	if len(field.Names) == 0 {
		return []string{embedded(field)}
	}
	var names []string
	for _, id := range field.Names {
		names = append(names, id.Name)
	}
	return names
}

// field returns the type of a field of a struct of the application, and the struct that
// declares it, which may be an embedded one.
func (s *source) field(of typ, name string, depth int) (field, owner typ) {
	st, f := s.structOf(of)
	if st == nil || depth == 0 {
		return typ{}, typ{}
	}
	for _, fd := range st.Fields.List {
		if slices.Contains(fieldNames(fd), name) {
			return s.typeNamed(fd.Type, f), of
		}
	}
	for _, fd := range st.Fields.List {
		if len(fd.Names) == 0 {
			if t, owner := s.field(s.typeNamed(fd.Type, f), name, depth-1); owner != (typ{}) {
				return t, owner
			}
		}
	}
	return typ{}, typ{}
}

// method returns the method of a type of the application, which may be that of an
// embedded one.
func (s *source) method(of typ, name string, depth int) *scope {
	p := s.packages[of.path]
	if p == nil || depth == 0 {
		return nil
	}
	for _, f := range s.declaring(p, name) {
		if m := f.method(of.name, name); m != nil {
			return m
		}
	}
	if st, f := s.structOf(of); st != nil {
		for _, fd := range st.Fields.List {
			if len(fd.Names) == 0 {
				if m := s.method(s.typeNamed(fd.Type, f), name, depth-1); m != nil {
					return m
				}
			}
		}
	}
	return nil
}

// function returns the function of a package of the application.
func (s *source) function(p *pkg, name string) *scope {
	if p == nil {
		return nil
	}
	for _, f := range s.declaring(p, name) {
		if fn := f.function(name); fn != nil {
			return fn
		}
	}
	return nil
}

// callee returns the functions of the application that a call may call: one, or those
// that implement a method of an interface.
func (s *source) callee(c *ast.CallExpr, in *scope) []*scope { return s.calleesWithin(c, in, deepest) }

func (s *source) calleesWithin(c *ast.CallExpr, in *scope, depth int) []*scope {
	if found, ok := s.callees[c]; ok {
		return found
	}
	if depth == 0 {
		return nil
	}
	s.callees[c] = nil // meanwhile
	found := s.functionsOf(c.Fun, in, len(c.Args), depth)
	s.callees[c] = found
	return found
}

// functionsOf returns the functions that an expression stands for, if they take that many
// arguments. The number is negative if it is not known.
func (s *source) functionsOf(e ast.Expr, in *scope, args, depth int) []*scope {
	one := func(f *scope) []*scope {
		if f == nil {
			return nil
		}
		return []*scope{f}
	}
	switch fun := base(e).(type) {
	case *ast.FuncLit:
		return one(in.file.lits[fun])
	case *ast.Ident:
		if in.holding(fun.Name) == nil {
			return one(s.function(in.file.pkg, fun.Name))
		}
		for _, d := range s.defs(fun.Name, in) {
			if lit, ok := d.value.(*ast.FuncLit); ok {
				return one(d.in.file.lits[lit])
			}
		}
	case *ast.SelectorExpr:
		if importPath := s.imported(fun, in); importPath != "" {
			return one(s.function(s.packages[importPath], fun.Sel.Name))
		}
		of := s.typeWithin(fun.X, in, depth)
		if m := s.method(of, fun.Sel.Name, deepest); m != nil {
			return one(m)
		}
		spec, _ := s.typeSpec(of)
		isInterface := false
		if spec != nil {
			_, isInterface = spec.Type.(*ast.InterfaceType)
		}
		if of != (typ{}) && !isInterface {
			return nil
		}
		methods := s.methodsNamed(fun.Sel.Name, args)
		if isInterface || len(methods) == 1 && len(fun.Sel.Name) > 3 { // short names are common ones
			return methods
		}
	}
	return nil
}

// methodsNamed returns all methods of that name with that many parameters.
func (s *source) methodsNamed(name string, params int) []*scope {
	var methods []*scope
	for _, f := range s.app {
		if !f.declared[name] || !s.parse(f) {
			continue
		}
		for _, m := range f.funcs {
			if m.decl.Recv != nil && m.decl.Name.Name == name && (params < 0 || m.params() == params) {
				methods = append(methods, m)
			}
		}
	}
	return methods
}

// callers returns the calls of a function.
func (s *source) callers(f *scope) []call {
	if f.decl == nil {
		return nil
	}
	calls, ok := s.called[f]
	if !ok {
		calls = s.findCallers(f)
		s.called[f] = calls
	}
	return calls
}

func (s *source) findCallers(f *scope) []call {
	name := f.decl.Name.Name
	texts := []string{name + "(", name + "["}
	var files []*file
	if f.decl.Recv != nil {
		files = s.mentioning(texts...)
	} else {
		files = s.parsedOf(f.file.pkg.files, texts...)
		if f.decl.Name.IsExported() {
			files = append(files, s.parsedOf(s.importing(f.file.pkg), texts...)...)
		}
	}
	var calls []call
	for _, file := range files {
		for _, c := range file.calls {
			if nameOf(c.expr.Fun) == name && slices.Contains(s.callee(c.expr, c.in), f) {
				calls = append(calls, c)
			}
		}
	}
	return calls
}

// nameOf returns the last name of an expression, such as that of the function in a call.
func nameOf(e ast.Expr) string {
	switch e := base(e).(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// constant returns the value of a string, if it is a literal or a named constant.
func (s *source) constant(e ast.Expr, in *scope) (string, bool) {
	return s.constantWithin(e, in, deepest)
}

func (s *source) constantWithin(e ast.Expr, in *scope, depth int) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && strings.Trim(e.Value[:1], "\"`") == ""
	case *ast.ParenExpr:
		return s.constantWithin(e.X, in, depth)
	case *ast.Ident, *ast.SelectorExpr:
		var defs []*def
		if id, ok := e.(*ast.Ident); ok {
			defs = s.defs(id.Name, in)
		} else if sel := e.(*ast.SelectorExpr); s.packages[s.imported(sel, in)] != nil {
			defs = s.packageDefs(s.packages[s.imported(sel, in)], sel.Sel.Name)
		}
		if len(defs) == 1 && defs[0].value != nil && defs[0].index < 0 && depth > 0 {
			return s.constantWithin(defs[0].value, defs[0].in, depth-1)
		}
	}
	return "", false
}
