#!/bin/sh
# Builds the Debian package of a Java for the program alone: deploy/debian/build-runtime.sh [FOLDER]
#
# Needs dpkg-deb, and a JDK 25 or newer: JAVA_HOME, else that of the java on the PATH.
# FOLDER, target by default, gets understudy-runtime_VERSION_ARCHITECTURE.deb of that Java's version; its name
# is printed. DEBFULLNAME and DEBEMAIL name the maintainer, as for Debian's own tools.
set -eu
cd "$(dirname "$0")/../.."

jdk=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}
out=$(mkdir -p "${1:-target}" && cd "${1:-target}" && pwd)
build=$(sed -n 's/^JAVA_RUNTIME_VERSION="\(.*\)"$/\1/p' "$jdk/release")
# A version of Debian has no - without a revision.
version=$(echo "$build" | tr - .)
architecture=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(stat -c %Y "$jdk/release")}
export SOURCE_DATE_EPOCH
umask 022

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
doc=$root/usr/share/doc/understudy-runtime
runtime=$root/usr/lib/understudy/runtime
literal() { printf '%s\n' "$1" | sed 's|[&/\\]|\\&|g'; }

# What the program and its libraries refer to (jdeps --print-module-deps), and behind interfaces of the JDK:
# elliptic curves, jar files as file systems. Spring needs java.desktop for java.beans alone, so its native
# libraries stay away.
desktop=$(printf '**/lib%s.so,' awt awt_headless awt_xawt jawt fontmanager freetype mlib_image lcms javajpeg \
  splashscreen jsound)
mkdir -p "$(dirname "$runtime")"
"$jdk/bin/jlink" --output "$runtime" \
  --add-modules java.base,java.desktop,java.instrument,java.logging,java.management,java.naming,java.net.http \
  --add-modules java.security.jgss,java.sql,java.xml,jdk.crypto.ec,jdk.httpserver,jdk.jfr,jdk.management \
  --add-modules jdk.net,jdk.unsupported,jdk.zipfs \
  --exclude-files "$desktop**/psfont*" \
  --strip-debug --no-header-files --no-man-pages --generate-cds-archive \
  --release-info "add:JAVA_RUNTIME_VERSION=$build" > /dev/null
rm "$runtime/lib/server/classes_nocoops.jsa" "$runtime/lib/jrt-fs.jar"
chmod -R u=rwX,go=rX "$runtime"

developer=$(sed -n '/<developer>/,/<\/developer>/s|.*<name>\(.*\)</name>.*|\1|p' pom.xml)
maintainer="${DEBFULLNAME:-$developer} <${DEBEMAIL:-understudy@example.org}>"
install -D -m 644 deploy/debian/copyright-runtime "$doc/copyright"
install -D -m 644 deploy/debian/lintian-overrides-runtime "$root/usr/share/lintian/overrides/understudy-runtime"
gzip -9n > "$doc/changelog.gz" << END
understudy-runtime ($version) unstable; urgency=medium

  * Java $build.

 -- $maintainer  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
END
chmod 644 "$doc/changelog.gz"

mkdir -p "$root/DEBIAN"
size=$(du -sk --apparent-size --exclude=DEBIAN "$root" | cut -f 1)
sed -e "s/@VERSION@/$version/" -e "s/@SIZE@/$size/" -e "s/@MAINTAINER@/$(literal "$maintainer")/" \
  -e "s/@ARCHITECTURE@/$architecture/" deploy/debian/control-runtime > "$root/DEBIAN/control"
(cd "$root" && find usr -type f | sort | xargs md5sum) > "$root/DEBIAN/md5sums"

dpkg-deb --build --root-owner-group -Zxz "$root" "$out/understudy-runtime_${version}_$architecture.deb" > /dev/null
echo "$out/understudy-runtime_${version}_$architecture.deb"
