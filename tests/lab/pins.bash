# shellcheck shell=bash
# Sourced by the lab's programs: reads kernels.ini.

lab_folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
lab_pins="$lab_folder/kernels.ini"
# shellcheck disable=SC2034 # for who sources this
lab_cache="${DAMON_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/damon-lab}"

die() {
  echo "lab: $*" >&2
  exit 1
}

# unavailable TEXT: something cannot be had on this machine, which is not the same as being wrong.
unavailable() {
  echo "lab: $*" >&2
  exit 69
}

# need PROGRAM PACKAGE: a program and the Debian package it comes with.
need() {
  command -v "$1" >/dev/null || unavailable "'$1' is missing (Debian: apt-get install $2)"
}

# kernel_names: all sections.
kernel_names() {
  sed -n 's/^\[\(.*\)\]$/\1/p' "$lab_pins"
}

# kernel_values KERNEL KEY: the values of a key, a line each.
kernel_values() {
  awk -v section="[$1]" -v key="$2" '
    /^\[/ { within = $0 == section }
    within && $1 == key && $2 == "=" { sub(/^[^=]*= */, ""); print }' "$lab_pins"
}

# kernel_section KERNEL: the whole section, to notice changes by.
kernel_section() {
  awk -v section="[$1]" '/^\[/ { within = $0 == section } within' "$lab_pins"
}

# mirror_uri: where packages come from, with a slash at its end. Read from this machine's own sources: whoever runs the lab decides whom it asks.
mirror_uri() {
  local uri="${DAMON_LAB_MIRROR:-}"
  if [ -z "$uri" ]; then
    need apt-get apt
    # The archive proper: security suites have a pool of their own.
    # shellcheck disable=SC2016 # the fields are for apt to fill in
    uri="$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | awk '$2 !~ /security/ { print $1; exit }')"
  fi
  [ -n "$uri" ] || unavailable "no mirror: this machine has no apt sources; set DAMON_LAB_MIRROR to a Debian mirror's URI"
  echo "${uri%/}/"
}

# download PATH FILE: a file of the mirror. A plus sign in a path is itself; some servers take it for a space.
download() {
  need curl curl
  local mirror
  mirror="$(mirror_uri)" || exit 69
  curl --fail --silent --show-error --location --retry 2 --connect-timeout 20 --max-time 600 --output "$2" "$mirror${1//+/%2B}"
}
