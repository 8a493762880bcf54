#!/usr/bin/env bash
# Redis, Prometheus, Alertmanager, flite and recordings from Debian's packages, unpacked into .stack/debian.
# NOTE: unpacked, not installed: Debian starts these as services on their default ports where systemd runs.
source "$(dirname "$0")/lib.sh"
packages=(redis-server prometheus prometheus-alertmanager flite pocketsphinx-testdata)
programs=(redis-server redis-cli prometheus promtool prometheus-alertmanager amtool flite)
stamp=.stack/debian/.installed
inputs=(scripts/install/debian.sh)
if unchanged $stamp "${inputs[@]}"; then exit; fi

need apt-get "a Debian or Ubuntu machine"
need dpkg-deb 'it with: sudo apt-get install dpkg'
fresh_apt_lists prometheus
if only_checking; then exit; fi

say "Debian packages: ${packages[*]}"
rm -rf .stack/debian
mkdir -p .stack/debian/archives/partial .stack/bin
fetch() {
  apt-get install --download-only --reinstall --yes --no-install-recommends -qq \
    -o Debug::NoLocking=1 -o APT::Sandbox::User= -o Dir::Cache::archives="$PWD/.stack/debian/archives" "${packages[@]}"
}
if ! fetch > .stack/debian/apt.log 2>&1; then
  # Lists that are days old name versions that the mirror no longer has.
  [ "$(id -u)" = 0 ] || die "apt-get failed: $(tail -n 1 .stack/debian/apt.log)" 'refresh its lists with: sudo apt-get update'
  say 'apt-get update, and once more'
  apt-get update -q > /dev/null
  fetch > .stack/debian/apt.log 2>&1 || die "apt-get failed: $(tail -n 3 .stack/debian/apt.log)"
fi
for archive in .stack/debian/archives/*.deb; do dpkg-deb --extract "$archive" .stack/debian; done
rm -rf .stack/debian/archives

for program in "${programs[@]}"; do
  cat > ".stack/bin/$program" << 'RUN'
#!/bin/sh
debian=$(dirname "$(readlink -f "$0")")/../debian
for lib in "$debian"/usr/lib/*-linux-gnu; do export LD_LIBRARY_PATH="$lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"; done
exec "$debian/usr/bin/$(basename "$0")" "$@"
RUN
  chmod +x ".stack/bin/$program"
done
# NOTE: Debian's Prometheus and Alertmanager read their pages and templates from absolute paths, wherever they lie
# themselves. The same path without its leading slash (and as long, since it stands in a compiled program) is found from
# .stack/debian.
for program in prometheus prometheus-alertmanager; do
  sed -i 's#/usr/share/prometheus/\(alertmanager\|web/\)#usr//share/prometheus/\1#g' ".stack/debian/usr/bin/$program"
  sed -i 's|^exec |cd "$debian"\n&|' ".stack/bin/$program"
done
for program in redis-server prometheus prometheus-alertmanager; do
  ".stack/bin/$program" --version > /dev/null 2>&1 || die "$program does not run: $(".stack/bin/$program" --version 2>&1 | tail -n 1)"
done
mark_done $stamp "${inputs[@]}"
