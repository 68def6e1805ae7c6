package answers

import (
	"bytes"
	"encoding/json"
)

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		for _, part := range []any{m.name, m.value} {
			text, err := json.Marshal(part)
			if err != nil {
				return nil, err
			}
			b.Write(text)
			b.WriteByte(':')
		}
		b.Truncate(b.Len() - 1)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Schema returns the JSON Schema (draft 2020-12) of authgen.yaml, for editors.
// It says less than Check: what one answer means for another is not in it.
func Schema() []byte {
	d := Default()
	d.Normalize()
	properties := object{{"version", object{
		{"description", "version of this format"},
		{"const", answersVersion},
	}}}
	for _, k := range Keys {
		if !k.FlagOnly {
			properties = append(properties, member{k.Name, append(object{{"description", k.Help}}, k.written().schema(k, d)...)})
		}
	}
	text, err := json.MarshalIndent(object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", "authgen answers"},
		{"description", "What an auth package is generated from. A missing key has its default."},
		{"type", "object"},
		{"required", []string{"version"}},
		{"additionalProperties", false},
		{"properties", properties},
	}, "", "  ")
	if err != nil {
		panic("internal error: " + err.Error())
	}
	return append(text, '\n')
}
