# Sourced by mvnw: has Maven run on the newest installed JDK if the default java is older than 21.
# The build compiles and tests with the JDK that Maven runs on.

# The version of the JDK in that folder, as 21.0.4; empty: none that is known.
jdk_version() { sed -n 's/^JAVA_VERSION="\(.*\)"$/\1/p' "$1/release" 2>/dev/null || :; }

jdk_default=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v java || echo /none/bin/java)")")")}
jdk_default=$(jdk_version "$jdk_default")
if [ "${jdk_default%%.*}" -lt 21 ] 2>/dev/null || [ -z "$jdk_default" ]; then
  set +f
  jdk_newest=$(
    for jdk_home in /usr/lib/jvm/* "$HOME"/.jdks/* "$HOME"/.sdkman/candidates/java/* \
      /Library/Java/JavaVirtualMachines/*/Contents/Home; do
      [ ! -x "$jdk_home/bin/javac" ] || printf '%s %s\n' "$(jdk_version "$jdk_home")" "$jdk_home"
    done | sort -t. -k1,1n -k2,2n -k3,3n | tail -n 1
  )
  set -f
  if [ "${jdk_newest%%.*}" -ge 21 ] 2>/dev/null; then
    JAVA_HOME=${jdk_newest#* }
    export JAVA_HOME
  fi
fi
