#!/bin/sh
# Makes what the tests keep of an earlier release: src/conformance/earlier/make.sh VERSION COMMIT
#
# Needs a JDK 25, dpkg-deb, tar and xz. It builds the commit in a folder of its own, and writes beside itself
#   VERSION-classes.tar.xz  its own classes, without debug information, importer, demo, training and licences
#   VERSION-package.tar.xz  its Debian package without jar, libraries and pages
# and into src/test/resources/dev/understudy/release-VERSION its example settings. Then
#   ./mvnw -B -ntp verify -Pconformance -Dtest=ArchitectureTest -Dit.test=EarlierRecordsIT -Dunderstudy.generate=true
# has that release write its records, state files and journals there.
set -eu
version=$1
commit=$2
cd "$(dirname "$0")/../../.."
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet --shared . "$work/release"
cd "$work/release"
git checkout --quiet "$commit"
./mvnw -B -ntp -q -Pquick package -Dmaven.test.skip -Dmaven.compiler.debuglevel=none
deb=$(deploy/debian/build.sh "$work")
dpkg-deb --raw-extract "$deb" "$work/package"

# The same sources give the same archive.
packed() { tar -c --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 "$@" | xz -9e; }

cd "$work/release/target/classes"
rm -rf dev/understudy/haproxy dev/understudy/demo dev/understudy/training demo META-INF/THIRD-PARTY.txt META-INF/LICENSE
find . -name package-info.class -delete
packed . > "$here/src/conformance/earlier/$version-classes.tar.xz"

cd "$work/package"
rm -rf usr/share/understudy/lib usr/share/understudy/understudy.jar usr/share/doc usr/share/man DEBIAN/md5sums
packed . > "$here/src/conformance/earlier/$version-package.tar.xz"

to=$here/src/test/resources/dev/understudy/release-$version
mkdir -p "$to/settings"
cd "$work/release"
cp config/application.yaml config/gateway.yaml config/sense.yaml "$to/settings/"
cp src/test/resources/dev/understudy/config/full.yaml "$to/settings/"
cp deploy/helm/understudy/values.yaml "$to/settings/"

# The words of records and votes that it understands.
for name in failover.SwitchReason switchover.SwitchPhase pool.OperatorState agreement.quorum.Finding; do
  javap -p -cp "$work/release/target/classes" "dev.understudy.$name" \
    | sed -n "s/.*static final dev.understudy.$name \([A-Z_]*\);/${name##*.} \1/p"
done > "$to/words.txt"
