package answers

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// firstFeatures leaves the features of the first version and no questions about them, for
// the time of a test that names all features.
func firstFeatures(t *testing.T) {
	t.Helper()
	features, keys := Features, Keys
	t.Cleanup(func() { Features, Keys = features, keys })
	Features = slices.DeleteFunc(slices.Clone(Features), func(f Feature) bool {
		return !slices.Contains([]string{"signup", "remember", "delete_account", "manage_users"}, f.Name)
	})
	Keys = slices.DeleteFunc(slices.Clone(Keys), func(k Key) bool { _, ok := k.answer.(featureChoice); return ok })
	Keys[slices.IndexFunc(Keys, func(k Key) bool { return k.Name == "features" })].Values = valuesOf(Features)
}

// withQuestion adds a question about the first feature, for the time of a test.
func withQuestion(t *testing.T) {
	t.Helper()
	before := Keys
	t.Cleanup(func() { Keys = before })
	f := Feature{Value: Features[0].Value, Keys: []Key{{
		Name:     "color",
		Question: "Which color?",
		Help:     "color of it",
		Values:   []Value{{"red", "warm"}, {"blue", "cold"}},
	}}}
	Keys = withQuestionsOf([]Feature{f}, slices.Clone(Keys))
}

// TestFeatureQuestions checks that a question about a feature needs nothing but its entry.
func TestFeatureQuestions(t *testing.T) {
	withQuestion(t)
	a := defaultAnswers()
	k := KeyNamed("color")
	if i := slices.IndexFunc(Keys, func(k Key) bool { return k.Name == "features" }); Keys[i+1].Name != k.Name {
		t.Errorf("it comes after %q", Keys[i-1].Name)
	}
	for _, on := range []bool{true, false} {
		a.Switch(Features[0].Name, on)
		if k.IsAsked(a) != on {
			t.Errorf("with the feature on: %t, it is asked: %t", on, k.IsAsked(a))
		}
	}

	if a.Get("color") != "red" || a.Choices != nil {
		t.Errorf("the default is %q, in %v", a.Get("color"), a.Choices)
	}
	err := a.Set("color", "bleu")
	if want := `color: unknown value "bleu" (did you mean "blue"?); choose red or blue`; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	red := a
	if err := a.Set("color", "blue"); err != nil || a.Get("color") != "blue" || red.Get("color") != "red" {
		t.Errorf("the answer is %q, that of a copy %q, error %v", a.Get("color"), red.Get("color"), err)
	}
	blue := a
	if err := a.Set("color", "red"); err != nil || a.Choices != nil || blue.Get("color") != "blue" {
		t.Errorf("the answers are %v, those of a copy %v, error %v", a.Choices, blue.Choices, err)
	}
	if _, err := a.Apply("color=blue"); err != nil || a.Get("color") != "blue" {
		t.Errorf("applied: %v, error %v", a.Choices, err)
	}
	a.Choices = map[string]string{"color": "green"}
	if err := a.Check(); err == nil || !strings.Contains(err.Error(), `color: unknown value "green"`) {
		t.Errorf("Check: %v", err)
	}
	for _, text := range []string{"green", `""`, "1", "[]"} {
		if _, err := Parse("f", []byte("version: 1\ncolor: "+text+"\n")); err == nil {
			t.Errorf("color: %s is accepted", text)
		}
	}
}

func TestFeatureQuestionsInFiles(t *testing.T) {
	withQuestion(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		a, to := randomAnswers(r), randomAnswers(r)
		file := a.Format()
		if err := validate(t, file); err != nil {
			t.Fatal(err)
		}
		got, err := Parse("f", file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, got); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
		edited, err := Edit("f", file, to)
		if err != nil {
			t.Fatal(err)
		}
		if got, err = Parse("f", edited); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(to, got); diff != "" {
			t.Fatalf("edited (-want +got):\n%s", diff)
		}
		_, added, err := Complete("f", without(file, "color"), a)
		if a.Get("color") == "red" && (err != nil || !slices.Equal(added, []Addition{{Key: "color", Value: "red"}})) {
			t.Fatalf("added %v, error %v", added, err)
		}
	}
}
