package answers

import (
	"fmt"
	"go/token"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// mapping calls each for the keys of a mapping that are known and not there
// twice. It reports whether the node is a mapping; what says what it should be.
func (d *decoder) mapping(node ast.Node, path, what string, known []string, each func(key string, value ast.Node)) bool {
	m, ok := node.(ast.MapNode)
	if !ok {
		at, found := d.positions[path]
		if !found {
			at = d.root
		}
		d.fail(at, path, "%s; this is %s", what, kind(node))
		return false
	}
	first := make(map[string]token.Position)
	for iter := m.MapRange(); iter.Next(); {
		key, value := iter.Key(), iter.Value()
		at := d.pos(key.GetToken())
		name := keyText(key)
		before, twice := first[name]
		switch {
		case twice:
			d.fail(at, "", "key %q appears twice, first on line %d", name, before.Line)
			continue
		case path == "" && name == "permissions":
			d.fail(at, "", "unknown key %q; each of the roles has its own", name)
			continue
		case !slices.Contains(known, name):
			d.fail(at, "", "unknown key %q%s", name, DidYouMean(name, known))
			continue
		}
		first[name] = at
		if _, ok := value.(ast.ScalarNode); ok && value.Type() != ast.NullType {
			at = d.pos(value.GetToken())
		}
		d.positions[join(path, name)] = at
		each(name, value)
	}
	return true
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// keyText returns a key as it was meant: 1, true and null are words here.
func keyText(key ast.MapKeyNode) string {
	if s, ok := key.(*ast.StringNode); ok {
		return s.Value
	}
	return key.GetToken().Value
}

// list calls each for the items of a list; what says what they are.
func (d *decoder) list(path, what string, node ast.Node, each func(path string, item ast.Node)) {
	s, ok := node.(*ast.SequenceNode)
	if !ok {
		d.fail(d.positions[path], path, "want a list of %s, or [] for none; this is %s", what, kind(node))
		return
	}
	for i, item := range s.Values {
		at := d.pos(item.GetToken())
		if m, ok := item.(ast.MapNode); ok {
			if iter := m.MapRange(); iter.Next() { // the token of a mapping is its first colon
				at = d.pos(iter.Key().GetToken())
			}
		}
		p := fmt.Sprintf("%s[%d]", path, i)
		d.positions[p] = at
		each(p, item)
	}
}

// kind names the type of a value for a person.
func kind(node ast.Node) string {
	switch n := node.(type) {
	case *ast.NullNode:
		return "empty"
	case *ast.StringNode:
		return fmt.Sprintf("the text %q", n.Value)
	case *ast.LiteralNode:
		return "a block of text"
	case *ast.BoolNode:
		return fmt.Sprintf("the truth value %v", n.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return fmt.Sprintf("the number %s", n.GetToken().Value)
	case *ast.SequenceNode:
		return "a list"
	case ast.MapNode:
		return "a mapping"
	}
	return "something else"
}

func (d *decoder) text(path string, node ast.Node) string {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.NullNode:
		d.fail(d.positions[path], path, `want text; this is empty; write "" for an empty text`)
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		d.fail(d.positions[path], path, "want text; this is %s; put it in quotes", kind(node))
	default:
		d.fail(d.positions[path], path, "want text on one line; this is %s", kind(node))
	}
	return ""
}

// digits returns a number as it is written.
func (d *decoder) digits(path string, node ast.Node) string {
	if n, ok := node.(*ast.IntegerNode); ok {
		return n.GetToken().Value
	}
	d.fail(d.positions[path], path, "want a number; this is %s", kind(node))
	return ""
}

func (d *decoder) texts(path string, node ast.Node) []string {
	var texts []string
	d.list(path, "texts", node, func(path string, item ast.Node) {
		texts = append(texts, d.text(path, item))
	})
	return texts
}

func (d *decoder) truth(path string, node ast.Node) bool {
	if b, ok := node.(*ast.BoolNode); ok {
		return b.Value
	}
	d.fail(d.positions[path], path, "want true or false; this is %s", kind(node))
	return false
}
