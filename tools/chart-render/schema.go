package main

import (
	"fmt"
	"math"
	"regexp"
	"sort"
	"strings"
)

// The keywords that are understood here. A schema with another one is refused: what is not looked at would look as if it held.
var keywords = map[string]bool{
	"$schema": true, "title": true, "description": true, "type": true, "properties": true, "additionalProperties": true, "required": true, "items": true, "minItems": true,
	"enum": true, "pattern": true, "minLength": true, "minimum": true, "maximum": true,
}

// violations says what of a value a schema forbids, each with its path.
func violations(schema map[string]interface{}, value interface{}, path string) []string {
	if schema == nil {
		return nil
	}
	var wrong []string
	at := path
	if at == "" {
		at = "(root)"
	}
	for keyword := range schema {
		if !keywords[keyword] {
			wrong = append(wrong, fmt.Sprintf("%s: the schema's keyword %s is not known here", at, keyword))
		}
	}
	if types := textsOf(schema["type"]); len(types) > 0 && !isOneOf(value, types) {
		return append(wrong, fmt.Sprintf("%s: Invalid type. Expected: %s, given: %s", at, strings.Join(types, "/"), typeOf(value)))
	}
	if allowed, found := schema["enum"].([]interface{}); found {
		names := make([]string, len(allowed))
		isAllowed := false
		for i, one := range allowed {
			names[i] = fmt.Sprintf("%q", one)
			isAllowed = isAllowed || one == value
		}
		if !isAllowed {
			wrong = append(wrong, fmt.Sprintf("%s: %s must be one of the following: %s", at, at, strings.Join(names, ", ")))
		}
	}
	switch value := value.(type) {
	case map[string]interface{}:
		wrong = append(wrong, ofObject(schema, value, at, path)...)
	case []interface{}:
		if least, found := number(schema["minItems"]); found && float64(len(value)) < least {
			wrong = append(wrong, fmt.Sprintf("%s: Array must have at least %v items", at, least))
		}
		if items, found := schema["items"].(map[string]interface{}); found {
			for i, item := range value {
				wrong = append(wrong, violations(items, item, fmt.Sprintf("%s.%d", path, i))...)
			}
		}
	case string:
		if pattern, found := schema["pattern"].(string); found && !regexp.MustCompile(pattern).MatchString(value) {
			wrong = append(wrong, fmt.Sprintf("%s: Does not match pattern '%s': %v", at, pattern, schema["description"]))
		}
		if least, found := number(schema["minLength"]); found && float64(len(value)) < least {
			wrong = append(wrong, fmt.Sprintf("%s: String length must be greater than or equal to %v", at, least))
		}
	}
	if value, isNumber := number(value); isNumber {
		if least, found := number(schema["minimum"]); found && value < least {
			wrong = append(wrong, fmt.Sprintf("%s: Must be greater than or equal to %v", at, least))
		}
		if most, found := number(schema["maximum"]); found && value > most {
			wrong = append(wrong, fmt.Sprintf("%s: Must be less than or equal to %v", at, most))
		}
	}
	return wrong
}

func ofObject(schema, value map[string]interface{}, at, path string) []string {
	var wrong []string
	known, _ := schema["properties"].(map[string]interface{})
	for _, name := range textsOf(schema["required"]) {
		if _, found := value[name]; !found {
			wrong = append(wrong, fmt.Sprintf("%s: %s is required", at, name))
		}
	}
	names := make([]string, 0, len(value))
	for name := range value {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		below := strings.TrimPrefix(path+"."+name, ".")
		if property, found := known[name].(map[string]interface{}); found {
			wrong = append(wrong, violations(property, value[name], below)...)
			continue
		}
		switch further := schema["additionalProperties"].(type) {
		case bool:
			if !further {
				wrong = append(wrong, fmt.Sprintf("%s: Additional property %s is not allowed", at, name))
			}
		case map[string]interface{}:
			wrong = append(wrong, violations(further, value[name], below)...)
		}
	}
	return wrong
}

func textsOf(value interface{}) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []interface{}:
		texts := make([]string, 0, len(value))
		for _, one := range value {
			texts = append(texts, fmt.Sprint(one))
		}
		return texts
	}
	return nil
}

func number(value interface{}) (float64, bool) {
	switch value := value.(type) {
	case int64:
		return float64(value), true
	case float64:
		return value, true
	}
	return 0, false
}

func isOneOf(value interface{}, types []string) bool {
	is := typeOf(value)
	for _, one := range types {
		if one == is || one == "number" && is == "integer" {
			return true
		}
	}
	return false
}

func typeOf(value interface{}) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []interface{}:
		return "array"
	case map[string]interface{}:
		return "object"
	case float64:
		if value != math.Trunc(value) {
			return "number"
		}
	}
	return "integer"
}
