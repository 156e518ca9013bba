package main

import (
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"sigs.k8s.io/yaml"
)

// metadata is what stands in Chart.yaml, as templates see it.
type metadata struct {
	APIVersion  string            `json:"apiVersion"`
	Name        string            `json:"name"`
	Version     string            `json:"version"`
	AppVersion  string            `json:"appVersion"`
	KubeVersion string            `json:"kubeVersion"`
	Description string            `json:"description"`
	Type        string            `json:"type"`
	Home        string            `json:"home"`
	Icon        string            `json:"icon"`
	Keywords    []string          `json:"keywords"`
	Sources     []string          `json:"sources"`
	Annotations map[string]string `json:"annotations"`
}

type chart struct {
	metadata  metadata
	values    map[string]interface{}
	schema    map[string]interface{}
	templates map[string]string
	files     files
}

// files are what a chart has beside what Helm itself reads.
type files map[string][]byte

// Get is a file's text; empty where there is none, as with Helm.
func (f files) Get(name string) string { return string(f[name]) }

// GetBytes is the same, as bytes.
func (f files) GetBytes(name string) []byte { return f[name] }

// Glob is the files whose names match; * does not match a slash.
func (f files) Glob(pattern string) files {
	found := files{}
	for name, content := range f {
		if matched, _ := path.Match(pattern, name); matched {
			found[name] = content
		}
	}
	return found
}

// Lines is a file, line by line.
func (f files) Lines(name string) []string {
	return strings.Split(strings.TrimSuffix(string(f[name]), "\n"), "\n")
}

// AsConfig is YAML of all of them, for a ConfigMap's data.
func (f files) AsConfig() string {
	data := map[string]string{}
	for name, content := range f {
		data[path.Base(name)] = string(content)
	}
	return toYaml(data)
}

// AsSecrets is the same for a Secret's.
func (f files) AsSecrets() string {
	data := map[string]string{}
	for name, content := range f {
		data[path.Base(name)] = base64.StdEncoding.EncodeToString(content)
	}
	return toYaml(data)
}

func loadChart(folder string) (*chart, error) {
	loaded := &chart{values: map[string]interface{}{}, templates: map[string]string{}, files: files{}}
	err := filepath.WalkDir(folder, func(at string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(folder, at)
		if err != nil {
			return err
		}
		switch name := filepath.ToSlash(relative); {
		case name == "Chart.yaml":
			return yaml.Unmarshal(content, &loaded.metadata)
		case name == "values.yaml":
			return yaml.Unmarshal(content, &loaded.values)
		case name == "values.schema.json":
			return yaml.Unmarshal(content, &loaded.schema)
		case name == ".helmignore":
		case strings.HasPrefix(name, "templates/"):
			loaded.templates[name] = string(content)
		case strings.HasPrefix(name, "crds/") || strings.HasPrefix(name, "charts/"):
			return fmt.Errorf("%s: charts below a chart, and its folder crds, are not rendered here", name)
		default:
			loaded.files[name] = content
		}
		return nil
	})
	if err == nil && loaded.metadata.Name == "" {
		err = fmt.Errorf("%s has no Chart.yaml with a name", folder)
	}
	return loaded, err
}

func sorted(names map[string]string) []string {
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}
