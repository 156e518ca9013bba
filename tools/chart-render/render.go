package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"text/template"

	"github.com/Masterminds/semver"
	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

// The APIs that every cluster has which the chart is for; further ones are named by flag.
var builtIn = []string{
	"v1", "apps/v1", "batch/v1", "policy/v1", "networking.k8s.io/v1", "rbac.authorization.k8s.io/v1", "apiextensions.k8s.io/v1", "admissionregistration.k8s.io/v1",
	"coordination.k8s.io/v1", "events.k8s.io/v1", "scheduling.k8s.io/v1", "storage.k8s.io/v1", "autoscaling/v2",
}

const deepestInclude = 100

type apiVersions []string

// Has says whether the cluster has an API, as apps/v1 or apps/v1/Deployment.
func (a apiVersions) Has(name string) bool {
	for _, one := range a {
		if one == name {
			return true
		}
	}
	return false
}

type kubeVersion struct{ Version, Major, Minor string }

func (k kubeVersion) String() string { return k.Version }

// GitVersion is the version, by its older name.
func (k kubeVersion) GitVersion() string { return k.Version }

func (c *chart) render(asked request, values map[string]interface{}) (string, error) {
	version, err := semver.NewVersion(asked.kubeVersion)
	if err != nil {
		return "", fmt.Errorf("--kube-version %s: %w", asked.kubeVersion, err)
	}
	if c.metadata.KubeVersion != "" {
		constraint, err := semver.NewConstraint(c.metadata.KubeVersion)
		if err != nil {
			return "", fmt.Errorf("kubeVersion %s: %w", c.metadata.KubeVersion, err)
		}
		if !constraint.Check(version) {
			return "", fmt.Errorf("chart requires kubeVersion: %s which is incompatible with Kubernetes v%s", c.metadata.KubeVersion, version)
		}
	}
	root := template.New("gotpl").Option("missingkey=zero")
	root.Funcs(functions(root))
	for _, name := range sorted(c.templates) {
		if _, err := root.New(c.metadata.Name + "/" + name).Parse(c.templates[name]); err != nil {
			return "", fmt.Errorf("parse error at %w", err)
		}
	}
	top := map[string]interface{}{
		"Values": values,
		"Chart":  c.metadata,
		"Files":  c.files,
		"Release": map[string]interface{}{
			"Name": asked.name, "Namespace": asked.namespace, "Service": "Helm", "Revision": 1, "IsInstall": !asked.isUpgrade, "IsUpgrade": asked.isUpgrade,
		},
		"Capabilities": map[string]interface{}{
			"KubeVersion": kubeVersion{"v" + version.String(), fmt.Sprint(version.Major()), fmt.Sprint(version.Minor())},
			"APIVersions": append(append(apiVersions{}, builtIn...), asked.apiVersions...),
			"HelmVersion": map[string]interface{}{"Version": "v3"},
		},
	}
	var all, notes strings.Builder
	for _, name := range sorted(c.templates) {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		full := c.metadata.Name + "/" + name
		top["Template"] = map[string]interface{}{"Name": full, "BasePath": c.metadata.Name + "/templates"}
		var text strings.Builder
		if err := root.ExecuteTemplate(&text, full, top); err != nil {
			return "", fmt.Errorf("execution error at %w", err)
		}
		// Helm does the same: what is not there is nothing, whatever the template package says of it.
		rendered := strings.ReplaceAll(text.String(), "<no value>", "")
		if path.Base(name) == "NOTES.txt" {
			notes.WriteString(rendered)
			continue
		}
		for _, document := range strings.Split("\n"+rendered, "\n---") {
			if strings.TrimSpace(document) == "" {
				continue
			}
			var read map[string]interface{}
			if err := yaml.UnmarshalStrict([]byte(document), &read); err != nil {
				return "", fmt.Errorf("YAML parse error on %s: %w", full, err)
			}
			if len(read) > 0 {
				fmt.Fprintf(&all, "---\n# Source: %s\n%s\n", full, strings.Trim(document, "\n"))
			}
		}
	}
	if asked.notes {
		all.WriteString("NOTES:\n" + notes.String())
	}
	return all.String(), nil
}

func functions(root *template.Template) template.FuncMap {
	funcs := sprig.TxtFuncMap()
	// A chart must not depend on who renders it.
	delete(funcs, "env")
	delete(funcs, "expandenv")
	depth := 0
	include := func(name string, data interface{}) (string, error) {
		if depth++; depth > deepestInclude {
			return "", fmt.Errorf("%s is included within itself", name)
		}
		defer func() { depth-- }()
		var text strings.Builder
		err := root.ExecuteTemplate(&text, name, data)
		return text.String(), err
	}
	own := template.FuncMap{
		"include": include,
		"tpl": func(text string, data interface{}) (string, error) {
			clone, err := root.Clone()
			if err != nil {
				return "", err
			}
			parsed, err := clone.New("tpl").Parse(text)
			if err != nil {
				return "", err
			}
			var made strings.Builder
			err = parsed.Execute(&made, data)
			return strings.ReplaceAll(made.String(), "<no value>", ""), err
		},
		"required": func(warning string, value interface{}) (interface{}, error) {
			if value == nil || value == "" {
				return nil, errors.New(warning)
			}
			return value, nil
		},
		"fail":          func(message string) (string, error) { return "", errors.New(message) },
		"lookup":        func(string, string, string, string) map[string]interface{} { return map[string]interface{}{} },
		"getHostByName": func(string) string { return "" },
		"toYaml":        toYaml,
		"fromYaml": func(text string) map[string]interface{} {
			read := map[string]interface{}{}
			if err := yaml.Unmarshal([]byte(text), &read); err != nil {
				read["Error"] = err.Error()
			}
			return read
		},
		"fromYamlArray": func(text string) []interface{} {
			read := []interface{}{}
			if err := yaml.Unmarshal([]byte(text), &read); err != nil {
				read = []interface{}{err.Error()}
			}
			return read
		},
		"toJson": func(value interface{}) string {
			text, err := json.Marshal(value)
			if err != nil {
				return ""
			}
			return string(text)
		},
		"fromJson": func(text string) map[string]interface{} {
			read := map[string]interface{}{}
			if err := json.Unmarshal([]byte(text), &read); err != nil {
				read["Error"] = err.Error()
			}
			return read
		},
	}
	for name, function := range own {
		funcs[name] = function
	}
	return funcs
}

func toYaml(value interface{}) string {
	text, err := yaml.Marshal(value)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(text), "\n")
}
