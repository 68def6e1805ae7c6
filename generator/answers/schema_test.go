package answers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is out of date; run go test -update (-file +code):\n%s", file, diff)
	}
}

func TestSchemaIsCurrent(t *testing.T) {
	golden(t, "schema.json", Schema())
}

func TestKeys(t *testing.T) {
	a := defaultAnswers()
	for _, k := range Keys {
		if !strings.HasSuffix(k.Question, "?") {
			t.Errorf("%s: the question is %q", k.Name, k.Question)
		}
		for _, help := range append([]string{k.Help}, valueHelp(k)...) {
			if help == "" || strings.Contains(help, "\n") || strings.HasSuffix(help, ".") {
				t.Errorf("%s: the help is %q", k.Name, help)
			}
		}
		// Every key can be answered with what it is.
		if err := a.Set(k.Name, a.Get(k.Name)); err != nil {
			t.Errorf("%s: %v", k.Name, err)
		}
		for _, v := range k.Values {
			if err := a.Set(k.Name, v.Name); err != nil {
				t.Errorf("%s: %v", k.Name, err)
			}
		}
		for _, v := range k.planned {
			if err := a.Set(k.Name, v); err == nil || !strings.Contains(err.Error(), "not supported yet") {
				t.Errorf("%s=%s: got %v", k.Name, v, err)
			}
		}
	}
	var features []string
	for _, v := range KeyNamed("features").Values {
		features = append(features, v.Name)
	}
	if diff := cmp.Diff(FeatureNames(), features); diff != "" {
		t.Errorf("features and their table (-names +table):\n%s", diff)
	}
}

func valueHelp(k Key) []string {
	var help []string
	for _, v := range k.Values {
		help = append(help, v.Help)
	}
	return help
}

// TestSchemaAgrees checks that the schema accepts what Parse accepts,
// and that both refuse what an editor can see to be wrong.
func TestSchemaAgrees(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	good := [][]byte{defaultAnswers().Format(), fullAnswers().Format(), []byte("version: 1\n")}
	for range 200 {
		good = append(good, randomAnswers(r).Format())
	}
	for _, file := range good {
		if err := validate(t, file); err != nil {
			t.Errorf("the schema refuses: %v\n%s", err, file)
		}
		if _, err := Parse("authgen.yaml", file); err != nil {
			t.Errorf("Parse refuses: %v\n%s", err, file)
		}
	}
	for _, file := range []string{
		"session: database\n",
		"version: 2\n",
		"version: 1\nrooter: chi\n",
		"version: 1\nrouter: echo/v5\n",
		"version: 1\ndriver: sqlite\n",
		"version: 1\nmigrations_dir: 1\n",
		"version: 1\nmigrations_version: 0\n",
		"version: 1\nmigrations_version: '0x1'\n",
		"version: 1\nmigrations_version: 100000000000000\n",
		"version: 1\nsession: 1\n",
		"version: 1\npackage: ''\n",
		"version: 1\npackage_name: Auth\n",
		"version: 1\nname: Staff\n",
		"version: 1\nprefix: auth\n",
		"version: 1\nprefix: /\n",
		"version: 1\nroles: []\n",
		"version: 1\nroles: [admin]\n",
		"version: 1\nroles: [{name: none}]\n",
		"version: 1\nroles: [{permissions: []}]\n",
		"version: 1\nroles: [{name: a, permissions: [read]}]\n",
		"version: 1\nroles: [{name: a, sensitive: 1}]\n",
		"version: 1\ndefault_role: Admin\n",
		"version: 1\nprofile: [{name: phone, type: float, visible: [self]}]\n",
		"version: 1\nprofile: [{name: phone, type: string, visible: []}]\n",
		"version: 1\nprofile: [{name: phone, type: string}]\n",
		"version: 1\nprofile: [{name: a__b, type: string, visible: [self]}]\n",
		"version: 1\npublic: [login]\n",
		"version: 1\npublic: [/a, /a]\n",
		"version: 1\nfeatures: {sigup: true}\n",
		"version: 1\nfeatures: {signup: 1}\n",
	} {
		if validate(t, []byte(file)) == nil {
			t.Errorf("the schema accepts:\n%s", file)
		}
		if _, err := Parse("authgen.yaml", []byte(file)); err == nil {
			t.Errorf("Parse accepts:\n%s", file)
		}
	}
}

// TestSchemaDefaults checks that the defaults in the schema are those that a
// missing key has.
func TestSchemaDefaults(t *testing.T) {
	var schema struct {
		Properties map[string]struct {
			Default    json.RawMessage
			Properties map[string]struct{ Default bool }
		}
	}
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	file.WriteString("version: 1\n")
	for _, k := range Keys {
		switch p := schema.Properties[k.Name]; {
		case p.Default != nil: // JSON is YAML
			fmt.Fprintf(&file, "%s: %s\n", k.Name, p.Default)
		case p.Properties != nil:
			fmt.Fprintf(&file, "%s:\n", k.Name)
			for _, v := range k.Values {
				fmt.Fprintf(&file, "  %s: %t\n", v.Name, p.Properties[v.Name].Default)
			}
		}
	}
	got, err := Parse("authgen.yaml", file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(defaultAnswers(), got); diff != "" {
		t.Errorf("-default +schema:\n%s", diff)
	}
}

// validate checks a file against the schema, as far as the schema goes: a
// keyword that it does not know is an error.
func validate(t *testing.T, file []byte) error {
	t.Helper()
	text, err := yaml.YAMLToJSON(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, file)
	}
	var value, schema any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	return conforms(value, schema.(map[string]any), "answers")
}

func conforms(value any, schema map[string]any, at string) error {
	text, isText := value.(string)
	number, isNumber := value.(float64)
	list, isList := value.([]any)
	record, isRecord := value.(map[string]any)
	matching := func(schemas any) (n int) {
		for _, s := range schemas.([]any) {
			if conforms(value, s.(map[string]any), at) == nil {
				n++
			}
		}
		return n
	}
	for keyword, want := range schema {
		ok := true
		switch keyword {
		case "$schema", "title", "description", "default", "additionalProperties":
		case "type":
			_, isTruth := value.(bool)
			ok = map[string]bool{"object": isRecord, "array": isList, "string": isText, "boolean": isTruth, "integer": isNumber && number == math.Trunc(number)}[want.(string)]
		case "const":
			ok = cmp.Equal(value, want)
		case "enum":
			ok = slices.ContainsFunc(want.([]any), func(w any) bool { return cmp.Equal(w, value) })
		case "oneOf":
			ok = matching(want) == 1
		case "anyOf":
			ok = matching(want) > 0
		case "not":
			ok = conforms(value, want.(map[string]any), at) != nil
		case "pattern":
			ok = !isText || regexp.MustCompile(want.(string)).MatchString(text)
		case "minimum":
			ok = !isNumber || number >= want.(float64)
		case "maximum":
			ok = !isNumber || number <= want.(float64)
		case "minLength":
			ok = !isText || len(text) >= int(want.(float64))
		case "maxLength":
			ok = !isText || len(text) <= int(want.(float64))
		case "minItems":
			ok = !isList || len(list) >= int(want.(float64))
		case "maxItems":
			ok = !isList || len(list) <= int(want.(float64))
		case "uniqueItems":
			for i := range list {
				ok = ok && !slices.ContainsFunc(list[:i], func(v any) bool { return cmp.Equal(v, list[i]) })
			}
		case "items":
			for i, item := range list {
				if err := conforms(item, want.(map[string]any), fmt.Sprintf("%s[%d]", at, i)); err != nil {
					return err
				}
			}
		case "required":
			for _, name := range want.([]any) {
				_, found := record[name.(string)]
				ok = ok && (found || !isRecord)
			}
		case "properties":
			for name, v := range record {
				s, found := want.(map[string]any)[name].(map[string]any)
				if !found {
					if schema["additionalProperties"] == false {
						return fmt.Errorf("%s: no property %q", at, name)
					}
					continue
				}
				if err := conforms(v, s, at+"."+name); err != nil {
					return err
				}
			}
		default:
			return fmt.Errorf("%s: unknown keyword %q in the schema", at, keyword)
		}
		if !ok {
			return fmt.Errorf("%s: %v is not %s %v", at, value, keyword, want)
		}
	}
	return nil
}
