namespace Damon.Cli.Completion;

/// <summary>
/// One small script per shell. None knows a single option: each hands the line up to the cursor to the command itself, as <c>[suggest:CURSOR] LINE</c>, and takes one suggestion per line.
/// </summary>
/// <remarks>
/// The line is handed over without the command's own name, so that it may be called by a path or by another name. Suggestions that begin with a slash are other spellings of help and would
/// stand in the way of paths; where there is no suggestion, files are offered.
/// </remarks>
internal static class CompletionScripts
{
    private const string Bash = """
        # bash completion of damonctl. Once: source <(damonctl completion bash)
        # For every shell: damonctl completion bash > ~/.local/share/bash-completion/completions/damonctl
        _damonctl() {
            local program=${COMP_WORDS[0]/#\~/$HOME} current=${COMP_WORDS[COMP_CWORD]}
            local line=${COMP_LINE:0:COMP_POINT} word
            line=${line#*"${COMP_WORDS[0]}"}
            line=${line#"${line%%[![:space:]]*}"}
            COMPREPLY=()
            while IFS= read -r word; do
                [[ -n $word && $word != /* && $word == "$current"* ]] && COMPREPLY+=("$word")
            done < <("$program" "[suggest:${#line}]" "$line" 2>/dev/null)
        }
        complete -o bashdefault -o default -F _damonctl damonctl

        """;

    private const string Zsh = """
        #compdef damonctl
        # zsh completion of damonctl. Once, after compinit: source <(damonctl completion zsh)
        # For every shell: damonctl completion zsh > a folder of $fpath, as _damonctl
        _damonctl() {
            local program=${words[1]/#\~/$HOME}
            local line="${(j: :)words[2,CURRENT-1]} $PREFIX"
            line=${line# }
            local -a suggestions
            suggestions=(${(f)"$("$program" "[suggest:${#line}]" "$line" 2>/dev/null)"})
            suggestions=(${suggestions:#/*})
            if (( $#suggestions )); then
                compadd -- $suggestions
            else
                _files
            fi
        }
        if [[ $funcstack[1] == _damonctl ]]; then
            _damonctl "$@"
        else
            compdef _damonctl damonctl
        fi

        """;

    private const string Fish = """
        # fish completion of damonctl. Once: damonctl completion fish | source
        # For every shell: damonctl completion fish > ~/.config/fish/completions/damonctl.fish
        function __damonctl_complete
            set -l words (commandline -opc)
            set -l program (string replace -r '^~' $HOME -- $words[1])
            set -e words[1]
            set -l line (string join -- ' ' $words (commandline -ct))
            set -l suggestions ($program "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null | string match -r -v -- '^(/.*)?$')
            if test (count $suggestions) -gt 0
                printf '%s\n' $suggestions
            else
                __fish_complete_path (commandline -ct)
            end
        end
        complete -c damonctl -f -a '(__damonctl_complete)'

        """;

    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish"];

    public static string Of(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        _ => throw new ArgumentOutOfRangeException(nameof(shell), shell, "was not checked before."),
    };
}
