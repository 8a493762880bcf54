#!/usr/bin/env bash
# Chromium runs the tests of the page and takes the pictures, and a font for it: without one its pages have no letters.
source "$(dirname "$0")/lib.sh"
font=/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf

need_package chromium chromium
if [ ! -e $font ]; then
  [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || die "the fonts of Chromium’s pages are missing; get them with: sudo apt-get install fonts-dejavu-core"
  say "the fonts of Chromium’s pages are missing: apt-get install fonts-dejavu-core"
  fresh_apt_lists fonts-dejavu-core
  apt-get install -y -q --no-install-recommends fonts-dejavu-core > /dev/null
fi
