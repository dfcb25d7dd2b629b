#!/bin/sh
# Builds the Debian package from what Maven has built: deploy/debian/build.sh [--with-java [--jmods JMODS]] [FOLDER]
#
# Needs dpkg-deb and target/understudy.jar: ./mvnw -B -ntp package -Dmaven.test.skip
# FOLDER, target by default, gets understudy_VERSION_all.deb, which needs a package of Java 21 or newer; its name is
# printed. With --with-java it gets understudy_VERSION+javaBUILD_ARCHITECTURE.deb, which has the part of a JDK 25 or
# newer that it needs: of JAVA_HOME, else of the java on the PATH. JMODS is a folder with the modules (*.jmod) of that JDK
# for another architecture, whose package it is then.
# DEBFULLNAME and DEBEMAIL name the maintainer, as for Debian's own tools.
set -eu
cd "$(dirname "$0")/../.."

jdk=
jmods=
if [ "${1:-}" = --with-java ]; then
  jdk=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}
  shift
  major=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$jdk/release" || true)
  if ! [ -x "$jdk/bin/jlink" ] || [ "${major:-0}" -lt 25 ]; then
    echo "$jdk is no JDK 25 or newer with jlink: set JAVA_HOME" >&2
    exit 1
  fi
  # What a file "release" says under that name.
  said() { sed -n "s/^$1=\"\(.*\)\"$/\1/p" "$2"; }
  release=$jdk/release
  architecture=$(dpkg --print-architecture)
  if [ "${1:-}" = --jmods ]; then
    jmods=$(cd "$2" && pwd)
    shift 2
    described=$("$jdk/bin/jmod" describe "$jmods/java.base.jmod")
    case $(echo "$described" | sed -n 's/^platform //p') in
      linux-aarch64) architecture=arm64 ;;
      linux-amd64 | linux-x86_64) architecture=amd64 ;;
      *) echo "$jmods: expected modules for Linux on amd64 or arm64" >&2 && exit 1 ;;
    esac
    # Of a whole JDK; modules alone have to be of the version that links them.
    if [ -r "$jmods/../release" ]; then
      release=$jmods/../release
    elif [ "$(echo "$described" | sed -n 's/^java.base@//p')" != "$(said JAVA_VERSION "$release")" ]; then
      echo "$jmods: expected modules of Java $(said JAVA_VERSION "$release"), as JAVA_HOME is" >&2
      exit 1
    fi
  fi
  java_version=$(said JAVA_RUNTIME_VERSION "$release")
fi
target=target
out=$(mkdir -p "${1:-$target}" && cd "${1:-$target}" && pwd)
jar=$target/understudy.jar
[ -r "$jar" ] || { echo "$jar is missing: ./mvnw -B -ntp package -Dmaven.test.skip" >&2; exit 1; }

# A snapshot sorts before its release: 1.0.0~SNAPSHOT. Another version, as for a test: DEB_VERSION.
built=$(sed -n 's/^build.version=//p' $target/classes/META-INF/build-info.properties)
version=${DEB_VERSION:-$(echo "$built" | sed 's/-/~/g')}
java='java21-runtime-headless | java-runtime-headless (>= 21)'
if [ -n "$jdk" ]; then
  # So that a package with a newer Java is a newer package. No -, which would begin Debian's own revision.
  version=$version+java$(echo "$java_version" | tr - .)
  java='libc6 (>= 2.17)'
else
  architecture=all
fi
# The same jar gives the same package, wherever and by whomever it is built: its files are as old as what is in the jar.
time=$(sed -n 's/^build.time=//p' $target/classes/META-INF/build-info.properties | tr -d '\\')
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(date -u -d "$time" +%s)}
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC
umask 022

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
doc=$root/usr/share/doc/understudy
# Text as the replacement of a sed command whose delimiter is /.
literal() { printf '%s\n' "$1" | sed 's|[&/\\]|\\&|g'; }
packed() { gzip -9n > "$1" && chmod 644 "$1"; }

install -D -m 755 deploy/debian/understudy "$root/usr/bin/understudy"
install -D -m 644 "$jar" "$root/usr/share/understudy/understudy.jar"
# The image's options, without what only the image has; the unit's memory holds two processes.
sed -e 's/^-XX:MaxRAMPercentage=.*/-XX:MaxRAMPercentage=25/' \
  -e '/^-XX:AOTCache=/d' -e '/^-jar /d' -e '/^--sun-misc-unsafe/d' -e '/^#/d' -e '/^$/d' \
  deploy/java.options > "$root/usr/share/understudy/java.options"
install -D -m 644 deploy/debian/lintian-overrides "$root/usr/share/lintian/overrides/understudy"
install -D -m 644 deploy/systemd/understudy.service "$root/usr/lib/systemd/system/understudy.service"

# The settings of config/, with the places of a machine. postinst copies them into /etc: as conffiles
# of the package, edited ones would make each upgrade ask.
examples=$root/usr/share/understudy/examples
mkdir -p "$examples"
sed -e 's|^  config: config/gateway.yaml *#|  config: /etc/understudy/gateway.yaml  #|' \
  -e 's|^  # state-file: *#|  state-file: /var/lib/understudy/state  #|' \
  -e 's|^  # extensions: *#|  # extensions: /etc/understudy/extensions  #|' \
  -e 's|^    port: 9090 .*|    address: 127.0.0.1                # remove this line for a Prometheus or console elsewhere: whoever reaches the port may read\n&|' \
  config/application.yaml > "$examples/application.yaml"
install -m 644 config/gateway.yaml "$examples/gateway.yaml"
install -m 644 deploy/debian/default "$examples/default"

mkdir -p "$doc/examples"
install -m 644 deploy/debian/copyright "$doc/copyright"
install -m 644 config/gateway.schema.json config/sense.yaml "$doc/examples/"
if [ -n "$jdk" ]; then
  mkdir -p "$root/usr/lib/understudy"
  deploy/debian/runtime.sh "$jdk" "$java_version" "$root/usr/lib/understudy/runtime" ${jmods:+"$jmods"}
  cat deploy/debian/copyright-java >> "$doc/copyright"
  cat deploy/debian/lintian-overrides-java >> "$root/usr/share/lintian/overrides/understudy"
fi
for page in README.md config/*.md deploy/*.md deploy/*/*.md; do
  mkdir -p "$doc/$(dirname "$page")"
  packed "$doc/$page.gz" < "$page"
done
install -D -m 755 -t "$doc/deploy/postgresql" deploy/postgresql/demote deploy/postgresql/promote
install -m 644 deploy/postgresql/cluster.sh "$doc/deploy/postgresql/"
packed "$doc/CHANGELOG.md.gz" < CHANGELOG.md
# The name of pom.xml. The domain is reserved (RFC 2606): whoever publishes a package names an address.
developer=$(sed -n '/<developer>/,/<\/developer>/s|.*<name>\(.*\)</name>.*|\1|p' pom.xml)
maintainer="${DEBFULLNAME:-$developer} <${DEBEMAIL:-understudy@example.org}>"
packed "$doc/changelog.gz" << EOF
understudy ($version) unstable; urgency=medium

  * What has changed is in CHANGELOG.md.gz.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
EOF

# Made from the commands by the build.
if [ -r $target/man/understudy.1 ]; then
  mkdir -p "$root/usr/share/man/man1"
  packed "$root/usr/share/man/man1/understudy.1.gz" < $target/man/understudy.1
fi
if [ -r $target/completion/understudy.bash ]; then
  install -D -m 644 $target/completion/understudy.bash \
    "$root/usr/share/bash-completion/completions/understudy"
fi
if [ -r $target/completion/_understudy ]; then
  install -D -m 644 $target/completion/_understudy \
    "$root/usr/share/zsh/vendor-completions/_understudy"
fi

mkdir -p "$root/DEBIAN"
size=$(du -sk --apparent-size --exclude=DEBIAN "$root" | cut -f 1)
sed -e "s/@VERSION@/$version/" -e "s/@SIZE@/$size/" -e "s/@MAINTAINER@/$(literal "$maintainer")/" \
  -e "s/@ARCHITECTURE@/$architecture/" -e "s/@JAVA@/$java/" deploy/debian/control > "$root/DEBIAN/control"
(cd "$root" && find usr -type f | sort | xargs md5sum) > "$root/DEBIAN/md5sums"
install -m 644 deploy/debian/triggers "$root/DEBIAN/triggers"
for script in postinst prerm postrm; do
  install -m 755 "deploy/debian/$script" "$root/DEBIAN/$script"
done

find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
# Most of it is compressed already.
# GitHub would rename ~, and checksums would name a file that nobody can download.
deb=$out/understudy_$(echo "$version" | tr '~' .)_$architecture.deb
dpkg-deb --build --root-owner-group -Zgzip -z1 "$root" "$deb" > /dev/null
echo "$deb"
