package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// valuesFor is the chart's values, with those of files and flags over them, after the schema has been asked.
func (c *chart) valuesFor(asked request) (map[string]interface{}, error) {
	values := merge(map[string]interface{}{}, c.values)
	for _, name := range asked.files {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		given := map[string]interface{}{}
		if err := yaml.Unmarshal(content, &given); err != nil {
			return nil, fmt.Errorf("failed to parse %s: %w", name, err)
		}
		values = merge(values, given)
	}
	for _, one := range asked.sets {
		for _, part := range splitUnescaped(one.text, ',') {
			name, text, found := strings.Cut(part, "=")
			if !found {
				return nil, fmt.Errorf("--set %s: there is no value", part)
			}
			var value interface{} = unescape(text)
			if one.typed {
				value = typed(text)
			}
			given, err := nested(splitUnescaped(name, '.'), value, values)
			if err != nil {
				return nil, fmt.Errorf("--set %s: %w", part, err)
			}
			values = merge(values, given)
		}
	}
	if wrong := violations(c.schema, values, ""); len(wrong) > 0 {
		return nil, fmt.Errorf("values don't meet the specifications of the schema(s) in the following chart(s):\n%s:\n- %s", c.metadata.Name, strings.Join(wrong, "\n- "))
	}
	return values, nil
}

// merge lays one map over another; what is null there is taken out.
func merge(under, over map[string]interface{}) map[string]interface{} {
	merged := make(map[string]interface{}, len(under))
	for key, value := range under {
		merged[key] = value
	}
	for key, value := range over {
		below, isMap := merged[key].(map[string]interface{})
		above, alsoMap := value.(map[string]interface{})
		switch {
		case value == nil:
			delete(merged, key)
		case isMap && alsoMap:
			merged[key] = merge(below, above)
		default:
			merged[key] = value
		}
	}
	return merged
}

// nested makes maps and lists of a path as a, b[0], c around a value. Lists keep what they have.
func nested(path []string, value interface{}, now map[string]interface{}) (map[string]interface{}, error) {
	name, index, err := indexOf(unescape(path[0]))
	if err != nil {
		return nil, err
	}
	made := value
	if index < 0 {
		if len(path) > 1 {
			below, _ := now[name].(map[string]interface{})
			if made, err = nested(path[1:], value, below); err != nil {
				return nil, err
			}
		}
		return map[string]interface{}{name: made}, nil
	}
	list, _ := now[name].([]interface{})
	list = append([]interface{}{}, list...)
	for len(list) <= index {
		list = append(list, nil)
	}
	if len(path) > 1 {
		below, _ := list[index].(map[string]interface{})
		item, err := nested(path[1:], value, below)
		if err != nil {
			return nil, err
		}
		made = merge(below, item)
	}
	list[index] = made
	return map[string]interface{}{name: list}, nil
}

func indexOf(part string) (string, int, error) {
	name, rest, found := strings.Cut(part, "[")
	if !found {
		return name, -1, nil
	}
	index, err := strconv.Atoi(strings.TrimSuffix(rest, "]"))
	if err != nil || index < 0 || index > 1000 {
		return "", 0, fmt.Errorf("%s has no index", part)
	}
	return name, index, nil
}

// typed takes text as helm's --set does: numbers, truths, null, lists in braces, and text.
func typed(text string) interface{} {
	if strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}") {
		list := []interface{}{}
		for _, item := range splitUnescaped(text[1:len(text)-1], ',') {
			if item != "" {
				list = append(list, typed(item))
			}
		}
		return list
	}
	switch text {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	if number, err := strconv.ParseInt(text, 10, 64); err == nil && (text == "0" || !strings.HasPrefix(text, "0")) {
		return number
	}
	return unescape(text)
}

// splitUnescaped splits where a separator stands outside of braces and is not escaped.
func splitUnescaped(text string, separator byte) []string {
	parts, depth, start := []string{}, 0, 0
	for at := 0; at < len(text); at++ {
		switch {
		case text[at] == '\\':
			at++
		case text[at] == '{':
			depth++
		case text[at] == '}':
			depth--
		case text[at] == separator && depth == 0:
			parts = append(parts, text[start:at])
			start = at + 1
		}
	}
	return append(parts, text[start:])
}

func unescape(text string) string {
	var plain strings.Builder
	for at := 0; at < len(text); at++ {
		if text[at] == '\\' && at+1 < len(text) {
			at++
		}
		plain.WriteByte(text[at])
	}
	return plain.String()
}
