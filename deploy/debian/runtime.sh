#!/bin/sh
# Makes a Java that has what the program needs, and nothing else: deploy/debian/runtime.sh JDK VERSION FOLDER [JMODS]
#
# JDK is the home of a JDK 25 or newer, VERSION the full one of the Java that is made; FOLDER must not exist. JMODS is a
# folder with the modules (*.jmod) of another architecture, for which it is made then: without an archive of classes,
# which only that architecture's Java could write. The installation of the package makes a better one.
set -eu
jdk=$1
version=$2
runtime=$3
jmods=${4:-}

# What the program and its libraries refer to (jdeps --print-module-deps), but for java.compiler and java.scripting,
# which parts of Spring that are not used want; and behind interfaces of the JDK: elliptic curves, jar files as file systems. Spring needs java.desktop for java.beans alone, so its native
# libraries stay away.
desktop=$(printf '**/lib%s.so,' awt awt_headless awt_xawt jawt fontmanager freetype mlib_image lcms javajpeg \
  splashscreen jsound)
if [ -n "$jmods" ]; then
  # Options of its own: the tool that strips native libraries knows those of this machine alone.
  set -- --module-path "$jmods" --strip-java-debug-attributes
else
  set -- --strip-debug --generate-cds-archive
fi
"$jdk/bin/jlink" --output "$runtime" "$@" \
  --add-modules java.base,java.desktop,java.instrument,java.logging,java.management,java.naming,java.net.http \
  --add-modules java.security.jgss,java.sql,java.xml,jdk.crypto.ec,jdk.httpserver,jdk.jfr,jdk.management \
  --add-modules jdk.net,jdk.unsupported,jdk.zipfs \
  --exclude-files "$desktop**/psfont*,**.debuginfo" \
  --no-header-files --no-man-pages \
  --release-info "add:JAVA_RUNTIME_VERSION=$version" > /dev/null
rm -f "$runtime/lib/server/classes_nocoops.jsa" "$runtime/lib/jrt-fs.jar"
chmod -R u=rwX,go=rX "$runtime"
