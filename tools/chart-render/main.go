// chart-render renders a Helm chart where there is no helm: for tests. See README.md for what it does as helm does, and what it does not.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

const usage = `chart-render template NAME CHART [flags]

  -n, --namespace NAME       .Release.Namespace; default "default"
      --kube-version V       the version of Kubernetes that is rendered for; default v1.30.0
      --api-versions A       a further API that the cluster has, as apps/v1/Deployment; may be repeated
  -f, --values FILE          values; may be repeated, the last wins
      --set PATH=VALUE,…     single values; may be repeated, and win over files
      --set-string PATH=…    the same, always as text
      --is-upgrade           .Release.IsUpgrade
      --notes                also print what NOTES.txt says, after a line "NOTES:"

Flags are helm template's own, but for --notes. Exit codes: 0 rendered, 1 not rendered and why, 2 a flag is wrong.`

type request struct {
	name, chart, namespace, kubeVersion string
	apiVersions, files                  []string
	sets                                []set
	isUpgrade, notes                    bool
}

type set struct {
	text  string
	typed bool
}

func main() {
	if len(os.Args) < 2 || os.Args[1] != "template" {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	asked, err := parse(os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(2)
	}
	rendered, err := run(asked)
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
	fmt.Print(rendered)
}

func parse(args []string) (request, error) {
	asked := request{namespace: "default", kubeVersion: "v1.30.0"}
	var plain []string
	for len(args) > 0 {
		name, value, hasValue := strings.Cut(args[0], "=")
		args = args[1:]
		if !strings.HasPrefix(name, "-") {
			if hasValue {
				name += "=" + value
			}
			plain = append(plain, name)
			continue
		}
		switch name {
		case "--is-upgrade":
			asked.isUpgrade = true
			continue
		case "--notes":
			asked.notes = true
			continue
		}
		if !hasValue {
			if len(args) == 0 {
				return asked, fmt.Errorf("%s needs a value", name)
			}
			value, args = args[0], args[1:]
		}
		switch name {
		case "-n", "--namespace":
			asked.namespace = value
		case "--kube-version":
			asked.kubeVersion = value
		case "-a", "--api-versions":
			asked.apiVersions = append(asked.apiVersions, value)
		case "-f", "--values":
			asked.files = append(asked.files, value)
		case "--set":
			asked.sets = append(asked.sets, set{value, true})
		case "--set-string":
			asked.sets = append(asked.sets, set{value, false})
		default:
			return asked, fmt.Errorf("unknown flag: %s", name)
		}
	}
	if len(plain) != 2 {
		return asked, errors.New("a name and a chart are needed")
	}
	asked.name, asked.chart = plain[0], plain[1]
	return asked, nil
}

func run(asked request) (string, error) {
	chart, err := loadChart(asked.chart)
	if err != nil {
		return "", err
	}
	values, err := chart.valuesFor(asked)
	if err != nil {
		return "", err
	}
	return chart.render(asked, values)
}
