#!/bin/sh
# Makes a Java that has what the program needs, and nothing else: deploy/debian/runtime.sh JDK FOLDER
#
# JDK is the home of a JDK 25 or newer; FOLDER must not exist.
set -eu
jdk=$1
runtime=$2

# What the program and its libraries refer to (jdeps --print-module-deps), but for java.compiler and java.scripting,
# which parts of Spring that are not used want; and behind interfaces of the JDK: elliptic curves, jar files as file systems. Spring needs java.desktop for java.beans alone, so its native
# libraries stay away.
desktop=$(printf '**/lib%s.so,' awt awt_headless awt_xawt jawt fontmanager freetype mlib_image lcms javajpeg \
  splashscreen jsound)
"$jdk/bin/jlink" --output "$runtime" \
  --add-modules java.base,java.desktop,java.instrument,java.logging,java.management,java.naming,java.net.http \
  --add-modules java.security.jgss,java.sql,java.xml,jdk.crypto.ec,jdk.httpserver,jdk.jfr,jdk.management \
  --add-modules jdk.net,jdk.unsupported,jdk.zipfs \
  --exclude-files "$desktop**/psfont*" \
  --strip-debug --no-header-files --no-man-pages --generate-cds-archive \
  --release-info "add:$(grep '^JAVA_RUNTIME_VERSION=' "$jdk/release" | tr -d '"')" > /dev/null
rm "$runtime/lib/server/classes_nocoops.jsa" "$runtime/lib/jrt-fs.jar"
chmod -R u=rwX,go=rX "$runtime"
