import { COMPLETE } from './complete-command.ts';

/** For which there are scripts. */
export type Shell = 'kubectl' | 'bash' | 'zsh' | 'fish' | 'powershell';

/**
 * What each of them runs to complete a command line. The plugin is given the words that are typed, the last of them maybe
 * empty, and prints `CANDIDATE<tab>DESCRIPTION` lines and last `:N`, in which 4 is added where file names do not fit, and 2
 * where no blank follows.
 */
export const SHELL_SCRIPTS: Readonly<Record<Shell, string>> = {
  kubectl: `#!/bin/sh
# kubectl_complete-canary: on PATH, kubectl runs it to complete what is typed after kubectl canary.
exec kubectl-canary ${COMPLETE} "$@"
`,

  bash: `# Completion of kubectl-canary for bash.
_kubectl_canary() {
  local line directive=0 cur="\${COMP_WORDS[COMP_CWORD]}" typed=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  # What stands behind an equals sign is a word of its own to bash, and so is the sign.
  [ "$cur" = "=" ] && cur=""
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      :*) directive="\${line#:}" ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(kubectl-canary ${COMPLETE} "\${typed[@]}" 2>/dev/null)
  if [ $((directive & 2)) -ne 0 ]; then compopt -o nospace; fi
  if [ $((directive & 4)) -eq 0 ] && [ "\${#COMPREPLY[@]}" -eq 0 ]; then
    compopt -o default
  fi
}
complete -F _kubectl_canary kubectl-canary
`,

  zsh: `#compdef kubectl-canary
# Completion of kubectl-canary for zsh.
_kubectl_canary() {
  local line directive=0
  local -a found
  while IFS= read -r line; do
    case "$line" in
      :*) directive="\${line#:}" ;;
      *) found+=("\${\${line//:/\\\\:}/$'\\t'/:}") ;;
    esac
  done < <(kubectl-canary ${COMPLETE} "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then
    if (( directive & 2 )); then _describe canary found -S ''; else _describe canary found; fi
  elif (( ! (directive & 4) )); then
    _files
  fi
}
compdef _kubectl_canary kubectl-canary
`,

  fish: `# Completion of kubectl-canary for fish.
function __kubectl_canary_complete
  set -l typed (commandline -opc) (commandline -ct)
  set -l found (kubectl-canary ${COMPLETE} $typed[2..-1] 2>/dev/null)
  if test "$found[-1]" = ":0"
    __fish_complete_path (commandline -ct)
  end
  for line in $found
    string match -qr '^:' -- $line; or echo $line
  end
end
complete -c kubectl-canary -f -a '(__kubectl_canary_complete)'
`,

  powershell: `# Completion of kubectl-canary for PowerShell.
Register-ArgumentCompleter -Native -CommandName kubectl-canary -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $typed = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -eq '') { $typed += '' }
  kubectl-canary ${COMPLETE} @typed 2>$null | Where-Object { $_ -notmatch '^:' } | ForEach-Object {
    $candidate, $about = $_ -split "\`t", 2
    if (-not $about) { $about = $candidate }
    [System.Management.Automation.CompletionResult]::new($candidate, $candidate, 'ParameterValue', $about)
  }
}
`,
};
